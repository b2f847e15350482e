import fc from 'fast-check'
import Fastify from 'fastify'
import t from 'tap'
import { paramNames } from '../../lib/access/route-params.js'

const cases: [string, string[]][] = [
  ['/a/b', []], ['/:a', ['a']], ['/:a/:b', ['a', 'b']], ['/x/:user_id/y', ['user_id']], ['/:a?', ['a']], ['/x/:a?', ['a']],
  ['/:a-:b', ['a', 'b']], ['/:a.:b', ['a', 'b']], ['/:a-x-:b', ['a', 'b']], ['/:file.json', ['file']], ['/:id(^\\d+$)', ['id']], ['/:id(^\\d+$)?', ['id']],
  ['/:h(^\\d{2})h:m(^\\d{2})m', ['h', 'm']], ['/:a((?:x|y))/:b', ['a', 'b']], ['/::a', []], ['/x::y/:a', ['a']], ['/a(b/:user_id', ['user_id']], ['/*', ['*']], ['*', ['*']], ['/:a/*', ['a', '*']]
]

t.test('parameters are named as the router names them', async (t) => {
  for (const [url, names] of cases) t.same(paramNames(url), names, url)
})

t.test('whatever the router fills in is among the names', async (t) => {
  const part = fc.oneof(fc.constantFrom('a', 'b', 'x-y', 'v1', '::', '(', ')', '.', '-'), fc.constantFrom(':id', ':user_id', ':id(^[a-z]+$)', ':a-:b', ':c.:d', ':e(^x)y'))
  await fc.assert(fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
    const url = `/${parts.join('/')}`
    const app = Fastify()
    let seen: string[] | null = null
    try {
      app.get(url, async (request) => { seen = Object.keys(request.params as object) })
      await app.inject(url.replaceAll('::', ':').replace(/:[a-z_]+(\([^)]*\))?/g, 'x'))
    } catch {
      // The router refuses the pattern: nothing to compare.
      return
    }
    for (const name of seen ?? []) t.ok(paramNames(url).includes(name), `${name} in ${url}`) || fc.pre(false)
  }), { numRuns: 200 })
})
