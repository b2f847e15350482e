import t from 'tap'
import { checkLoggerNames } from '../../lib/logging/logger-names.js'

t.test('what is no object of options is refused', async (t) => {
  for (const options of [null, undefined, 5, 'x', [], true, () => ({})]) t.throws(() => checkLoggerNames(options), { name: 'TypeError', message: /^The options of loggerOptions\(\) are an object/ })
})

t.test('a name that neither we, Fastify nor pino reads is refused', async (t) => {
  for (const name of ['nonAsci', 'foo', 'toString', 'levels']) t.throws(() => checkLoggerNames({ [name]: 'keep' }), { name: 'TypeError', message: new RegExp(`^"${name}" is not an option of loggerOptions`) })
  t.doesNotThrow(() => checkLoggerNames({ nonAscii: 'keep', level: 'info', stream: {}, transport: {}, redact: false }))
})
