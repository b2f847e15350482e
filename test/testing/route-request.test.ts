import t from 'tap'
import { buildRequest, namesOwner, namesRow } from '../../lib/testing/route-request.js'
import type { RouteAccess } from '../../lib/types.js'

const options = { owners: ['user_id'], userId: 'al/ice', canary: 'canary' }

function route (method: string, url: string): RouteAccess {
  return { method, url, access: 'token', why: '', where: '' }
}

t.test('the URL is filled from the user, the row, the schema and what was given', async (t) => {
  const row = { id: 7, slug: 'a b' }
  const params = { type: 'object', properties: { kind: { type: 'string', enum: ['red'] } } }
  const url = (pattern: string, more = {}): unknown => buildRequest(route('GET', pattern), { params }, { ...options, row, ...more }).url
  t.equal(url('/user/:user_id/x'), '/user/al%2Fice/x')
  t.equal(url('/x/:id/:slug'), '/x/7/a%20b')
  t.equal(url('/x/:taskId'), '/x/7')
  t.equal(url('/x/:kind/:other'), '/x/red/1')
  t.equal(url('/x/:id(^\\d+$)/y'), '/x/7/y')
  t.equal(url('/x/:id?'), '/x/7')
  t.equal(url('/files/*'), '/files/x')
  t.equal(url('/x/:id', { row: undefined }), '/x/1')
  t.equal(url('/x/:id/:user_id', { input: { params: { id: 9, user_id: 'bob' } } }), '/x/9/bob')
})

t.test('a body is sent where the route takes one, and the query that it insists on', async (t) => {
  const schema = {
    body: { type: 'object', properties: { title: { type: 'string' }, user_id: { type: 'string' } } },
    querystring: { type: 'object', required: ['page', 'user_id', 'free'], properties: { page: { type: 'integer' }, user_id: { type: 'string' }, filter: { type: 'string' } } }
  }
  t.match(buildRequest(route('POST', '/x'), schema, options), { method: 'POST', payload: { title: 'canary', user_id: 'al/ice' }, query: { page: '1', user_id: 'al/ice', free: 'canary' } })
  t.notOk('payload' in buildRequest(route('GET', '/x'), schema, options))
  t.notOk('payload' in buildRequest(route('POST', '/x'), undefined, options))
  t.match(buildRequest(route('POST', '/x'), schema, { ...options, input: { body: { a: 1 }, query: { page: 2 }, headers: { h: '1' } } }), { payload: { a: 1 }, query: { page: '2' }, headers: { h: '1' } })
})

t.test('what a URL names is told by whole parameters', async (t) => {
  t.ok(namesOwner(route('GET', '/u/:user_id'), ['user_id']))
  t.notOk(namesOwner(route('GET', '/u/:user_id2'), ['user_id']))
  t.ok(namesRow(route('GET', '/u/:user_id/x/:id'), ['user_id']))
  t.notOk(namesRow(route('GET', '/u/:user_id'), ['user_id']))
})
