import fastify from 'fastify'
import t from 'tap'
import { copyHeaders } from '../../lib/better-auth/web-response.js'

async function responded (t: Pick<typeof import('tap').t, 'teardown'>, before: Record<string, string | string[]>, headers: Headers) {
  const app = fastify()
  t.teardown(() => app.close())
  app.get('/', async (_request, reply) => {
    reply.headers(before)
    copyHeaders(headers, reply)
    return 'body'
  })
  return (await app.inject('/')).headers
}

t.test('every cookie keeps a line of its own, beside those set before', async (t) => {
  const headers = new Headers()
  headers.append('set-cookie', 'a=1; Expires=Sun, 22 Nov 2026 00:00:00 GMT')
  headers.append('set-cookie', 'b=2')
  const response = await responded(t, { 'set-cookie': 'app=0' }, headers)
  t.same(response['set-cookie'], ['app=0', 'a=1; Expires=Sun, 22 Nov 2026 00:00:00 GMT', 'b=2'])
})

t.test('Vary is merged with what CORS has said', async (t) => {
  const both = await responded(t, { vary: 'Origin' }, new Headers({ vary: 'Accept' }))
  t.equal(both.vary, 'Origin, Accept')
  const alone = await responded(t, {}, new Headers({ vary: 'Accept' }))
  t.equal(alone.vary, 'Accept')
})

t.test('a CORS header that is there stays, and what Better Auth exposes is exposed beside it', async (t) => {
  const before = { 'access-control-allow-origin': 'https://web.example.app', 'access-control-expose-headers': 'set-auth-jwt, x-total' }
  const response = await responded(t, before, new Headers({
    'access-control-allow-origin': '*', 'access-control-expose-headers': 'Set-Auth-Jwt, set-auth-token', 'access-control-max-age': '5'
  }))
  t.match(response, { ...before, 'access-control-expose-headers': 'set-auth-jwt, x-total, set-auth-token' })
  t.equal(response['access-control-max-age'], '5')
})

t.test('the framing of the body is Fastify\'s, everything else is Better Auth\'s', async (t) => {
  const response = await responded(t, {}, new Headers({ 'content-length': '999', 'transfer-encoding': 'chunked', location: '/there', 'x-retry-after': '7' }))
  t.equal(response['content-length'], '4')
  t.notOk('transfer-encoding' in response)
  t.match(response, { location: '/there', 'x-retry-after': '7' })
})
