import fastify from 'fastify'
import t from 'tap'
import { dropUnsendable, sendableHeaders } from '../../lib/responses/sendable-headers.js'

t.test('of an error\'s headers those stay that Node sends and that describe no body', async (t) => {
  t.strictSame(sendableHeaders({
    'x-text': 'a',
    'x-number': 5,
    'x-list': ['a', 'b'],
    'retry-after': '5',
    'x-broken': 'a\r\nb',
    'x-half': ['a', 'b\n'],
    'b ad': 'x',
    '': 'x',
    'x-object': {},
    'x-nothing': undefined,
    'x-emoji': '🎉',
    'Content-Length': '3',
    'content-encoding': 'gzip',
    'content-type': 'text/html',
    'Transfer-Encoding': 'chunked',
    connection: 'close',
    trailer: 'x'
  }), { 'x-text': 'a', 'x-number': 5, 'x-list': ['a', 'b'], 'retry-after': '5' })
})

t.test('what is no object has no headers', async (t) => {
  for (const headers of [undefined, null, 'x', 5, ['a', 'b']]) t.equal(sendableHeaders(headers), undefined)
})

t.test('headers of a reply that cannot be sent are taken off it', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  app.get('/', async (_request, reply) => {
    reply.header('x-broken', 'a\r\nb').header('x-fine', 'yes').header('set-cookie', ['a=1', 'b=2'])
    dropUnsendable(reply)
    return Object.keys(reply.getHeaders())
  })
  t.same((await app.inject('/')).json(), ['x-fine', 'set-cookie'])
})
