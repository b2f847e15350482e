import pino from 'pino'
import t from 'tap'
import { loggerOptions } from '../../lib/logging/logger-options.js'
import { prettyOutput, printableLine } from '../../lib/logging/pretty.js'

t.test('controls become their escapes, as text, and line breaks stay in a stack only', (t) => {
  const line = JSON.stringify({ msg: 'a\r\nb\u001b[2J\u009bc\u007f', err: { stack: 'Error\n\tat x\u001b[1m' } })
  t.strictSame(JSON.parse(printableLine(line)), { msg: 'a\\r\\nb\\u001b[2J\\u009bc\\u007f', err: { stack: 'Error\n\tat x\\u001b[1m' } })
  t.equal(printableLine('no JSON\u001b[31m\n'), 'no JSON\\u001b[31m\n')
  t.end()
})

const shown = (options: Record<string, unknown>, log: (logger: pino.Logger) => void): string => {
  let text = ''
  const stream = prettyOutput({ write: (line) => { text += line } }, { colorize: false, ...options })
  log(pino({ hooks: { streamWrite: loggerOptions({ pretty: true }).hooks!.streamWrite! } }, stream))
  return text
}

t.test('pino-pretty shows one line for a message that tries to be two, and the emoji as itself', (t) => {
  const text = shown({}, (logger) => { logger.info({ err: new Error('broken') }, 'fine 🎉\n[12:00:00.000] FATAL: forged\u001b[31m') })
  t.match(text, 'fine 🎉\\n[12:00:00.000] FATAL: forged\\u001b[31m\n')
  t.match(text, /\n +at /, 'a stack is still a stack')
  t.end()
})

t.test('options are pino-pretty\'s own', (t) => {
  const text = shown({ minimumLevel: 'error', singleLine: true }, (logger) => {
    logger.info('quiet')
    logger.error({ a: 1 }, 'loud')
  })
  t.notMatch(text, 'quiet')
  t.match(text, /loud \{"a":1\}\n$/)
  t.end()
})

t.test('pretty without pino-pretty says what to install', async (t) => {
  const { prettyOutput } = await t.mockImport<typeof import('../../lib/logging/pretty.js')>('../../lib/logging/pretty.js', {
    'node:module': { createRequire: () => ({ resolve: () => { throw new Error('MODULE_NOT_FOUND') } }) }
  })
  t.throws(() => prettyOutput({ write: () => {} }, {}), new TypeError('"pretty" option needs pino-pretty: npm install --save-dev pino-pretty'))
})
