/**
 * Heap after more and more distinct genuine tokens, each sent twice so that it would be remembered. A process of its
 * own, with --expose-gc; tells its parent `{ tokens, mib }` at each step.
 */
import Fastify from 'fastify'
import type { FastifyRequest } from 'fastify'
import authIntegration from 'fastify-auth-integration'
import { makeToken, secret } from './tokens.js'

const steps = [1000, 10_000, 100_000, 1_000_000].filter((step) => step <= Number(process.argv[2] ?? Infinity))

const app = Fastify()
await app.register(authIntegration, { secret, hook: false, cors: false })
app.get('/', async (request, reply) => {
  for (let i = 1; i <= steps.at(-1)!; i++) {
    const authorization = `Bearer ${makeToken('HS256', i)}`
    for (let time = 0; time < 2; time++) verifyAgain(request, authorization, reply)
    if (!steps.includes(i)) continue
    globalThis.gc!()
    process.send!({ tokens: i, mib: process.memoryUsage().heapUsed / 2 ** 20 })
  }
  return {}
})
const { statusCode, body } = await app.inject('/')
if (statusCode !== 200) throw new Error(body)
process.disconnect()

// One request stands in for a million: what it remembers of its caller is a slot of its own, on an object of its own.
function verifyAgain (request: FastifyRequest, authorization: string, reply: unknown): void {
  const fresh = Object.create(request, { headers: { value: { authorization } } }) as FastifyRequest
  const { verifyToken } = app as unknown as {
    verifyToken: (request: FastifyRequest, reply: unknown, done: (error?: Error) => void) => void
  }
  verifyToken(fresh, reply, (error) => { if (error !== undefined) throw error })
}
