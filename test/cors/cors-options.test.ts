import t from 'tap'
import { parseCorsOptions } from '../../lib/cors/cors-options.js'

t.test('what is no object of options is refused, and told what to write', async (t) => {
  for (const cors of [null, true, 0, 5n, '', 'x', NaN, Symbol('x'), [], ['x'], () => ({})]) {
    t.throws(() => parseCorsOptions(cors), { name: 'TypeError', message: /^"cors" must be options of @fastify\/cors, such as \{ maxAge: 600 \}, or false/ })
  }
})

t.test('an option that does not exist is refused with those that do', async (t) => {
  for (const name of ['maxage', 'foo', 'toString']) {
    t.throws(() => parseCorsOptions({ [name]: 5 }), { name: 'TypeError', message: new RegExp(`^"cors\\.${name}" is not an option; they are .*maxAge`) })
  }
})

const wrong: Array<[name: string, values: unknown[], sentence: RegExp]> = [
  ['methods', [5, ['GET', 5], '', null], /a name or a list of names/],
  ['allowedHeaders', [5, [null]], /a name or a list of names/],
  ['exposedHeaders', [5, true], /a name or a list of names/],
  ['credentials', ['yes', 1, null], /true or false/],
  ['maxAge', ['x', -1, 1.5, Number.NaN, null], /whole number of seconds/],
  ['cacheControl', [-1, true, ''], /whole number of seconds, or the text/],
  ['preflight', ['x'], /true or false/],
  ['strictPreflight', [0], /true or false/],
  ['preflightContinue', [0], /true or false/],
  ['hideOptionsRoute', [0], /true or false/],
  ['optionsSuccessStatus', ['x', 404, 99], /200 to 299/],
  ['logLevel', [5], /log level/],
  ['hook', ['preHandler'], /"onRequest"/]
]
for (const [name, values, sentence] of wrong) {
  t.test(`"cors.${name}" of the wrong kind is refused`, async (t) => {
    for (const value of values) t.throws(() => parseCorsOptions({ [name]: value }), { name: 'TypeError', message: sentence })
  })
}

t.test('what is right is taken as it is, and what is undefined is not given', async (t) => {
  t.strictSame(parseCorsOptions(), {})
  t.strictSame(parseCorsOptions({ maxAge: 0, methods: undefined, allowedHeaders: ['a', 'b'], cacheControl: 'no-store', credentials: false, hook: 'onRequest' }),
    { maxAge: 0, allowedHeaders: ['a', 'b'], cacheControl: 'no-store', credentials: false, hook: 'onRequest' })
})
