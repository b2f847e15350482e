import t from 'tap'
import { isAtOrBelow, parsePublicPaths, toPlainSegments, toSegments } from '../../lib/access/public-paths.js'

t.test('entries lose the slash at their end and nothing else', async (t) => {
  t.same(parsePublicPaths(['/health/', '/a/:id/b']), [{ path: '/health', segments: ['health'] }, { path: '/a/:id/b', segments: ['a', ':id', 'b'] }])
})

t.test('what no route could be called is refused', async (t) => {
  for (const entry of ['', 'health', '*', '/', '//', '/a//b', '/./a', '/a/..', '/a?b', '/a#b', '/a;b', '/a%20b', '/a b', '/a\\b', '/a*b', '/a/*']) {
    t.throws(() => parsePublicPaths([entry]), TypeError, entry)
  }
  t.throws(() => parsePublicPaths('/health' as unknown as string[]), /must be a list/)
})

t.test('one path is below another by whole segments', async (t) => {
  t.ok(isAtOrBelow(toSegments('/health/db'), toSegments('/health')))
  t.ok(isAtOrBelow(toSegments('/health/'), toSegments('/health')))
  t.notOk(isAtOrBelow(toSegments('/healthz'), toSegments('/health')))
  t.notOk(isAtOrBelow(toSegments('/'), toSegments('/health')))
  t.notOk(isAtOrBelow(toSegments('//health'), toSegments('/health')))
})

t.test('a raw path is plain, or it is not trusted', async (t) => {
  t.same(toPlainSegments('/a/b-._~!$&\'()*+,=:@?x=../%2e'), ['a', 'b-._~!$&\'()*+,=:@'])
  for (const url of ['', '*', 'a', '/', '//', '/a/', '/a//b', '/.', '/a/..', '/./a', '/%61', '/a;b', '/a#b', '/a\\b', '/a b', '/é', '/a\0', '/a|b', 'http://x/a', '/a/"', '/{a}', '/a\n']) {
    t.equal(toPlainSegments(url), null, JSON.stringify(url))
  }
})
