import Fastify, { type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { findCanary, isSuccess, recordOwn, type UserData } from '../../lib/testing/user-data.js'
import type { RouteAccess } from '../../lib/types.js'

function route (method = 'GET', access: RouteAccess['access'] = 'token'): RouteAccess {
  return { method, url: '/x', access, why: '', where: '' }
}

function user (...canaries: string[]): UserData {
  return { id: 'nobody-in-particular', canaries: new Set(canaries), canary: 'canary', rows: [] }
}

async function answerWith (body: unknown, { url = '/x', status = 200, headers = {} } = {}): Promise<LightMyRequestResponse> {
  const app = Fastify()
  app.get('/*', async (_request, reply) => reply.code(status).headers(headers).send(body))
  return app.inject(url)
}

t.test('success is 2xx', async (t) => {
  t.same([199, 200, 204, 299, 300, 404].map((statusCode) => isSuccess({ statusCode })), [false, true, true, true, false, false])
})

t.test('the rows of creating responses are kept, with their longer ids as canaries', async (t) => {
  const owner = user()
  recordOwn(await answerWith({ id: '0123456789', userId: 'u-123456', short_id: '1', title: 'long enough', count_id: 5 }), route('POST'), owner)
  recordOwn(await answerWith([{ order_id: 'abcdefgh' }, null, 3]), route('PUT'), owner)
  t.same([...owner.canaries], ['0123456789', 'u-123456', 'abcdefgh'])
  t.equal(owner.rows.length, 2)
})

t.test('reading responses, and what is no JSON, leave nothing', async (t) => {
  const owner = user()
  recordOwn(await answerWith({ id: '0123456789' }), route('GET'), owner)
  recordOwn(await answerWith('text'), route('POST'), owner)
  t.same([...owner.canaries, ...owner.rows], [])
})

t.test('a canary is found in the body and in the headers', async (t) => {
  t.equal(findCanary(await answerWith({ a: 'secret-1' }), route(), user('secret-1')), '"secret-1"')
  t.equal(findCanary(await answerWith('', { headers: { 'x-last': 'secret-1' } }), route(), user('secret-1')), '"secret-1"')
  t.equal(findCanary(await answerWith({ a: 'nothing' }), route(), user('secret-1')), null)
})

t.test('what the caller has as well, or said in the URL of an error or a public page, is no leak', async (t) => {
  const owner = user('secret-1')
  t.equal(findCanary(await answerWith({ a: 'secret-1' }), route(), owner, user('secret-1')), null)
  t.equal(findCanary(await answerWith('no secret-1', { url: '/secret%2D1', status: 404 }), route(), owner), null)
  t.equal(findCanary(await answerWith('hello secret-1', { url: '/secret-1' }), route('GET', 'public'), owner), null)
  t.equal(findCanary(await answerWith('hello secret-1', { url: '/secret-1' }), route('GET', 'token'), owner), '"secret-1"')
  t.equal(findCanary(await answerWith('no secret-1', { status: 404 }), route(), owner), '"secret-1"')
})
