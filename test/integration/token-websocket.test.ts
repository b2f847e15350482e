import t from 'tap'
import { once } from 'node:events'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import { WebSocket } from 'ws'
import { listenOnLoopback } from '../fixtures/raw-request.js'
import { now, secret, token } from '../fixtures/tokens.js'
import authIntegration from '../../lib/index.js'

t.test('a WebSocket upgrade is guarded as any other route', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(websocket)
  await app.register(authIntegration, { secret, hook: false, cors: false })
  app.get('/live', { websocket: true, onRequest: app.verifyToken }, (socket, request) => {
    socket.send(request.userId)
  })
  const port = await listenOnLoopback(app)
  const url = `ws://127.0.0.1:${port}/live`

  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token()}` } })
  t.teardown(() => socket.terminate())
  const [message] = await once(socket, 'message') as [Buffer]
  t.equal(message.toString(), 'ada')

  for (const headers of [{}, { authorization: 'Bearer x' }, { authorization: `Bearer ${token({ exp: now() - 1 })}` }]) {
    const refused = new WebSocket(url, { headers })
    refused.on('error', () => {})
    const [, response] = await once(refused, 'unexpected-response') as [unknown, { statusCode: number, headers: Record<string, string> }]
    t.equal(response.statusCode, 401)
    t.match(response.headers['www-authenticate'], /^Bearer/)
  }
})
