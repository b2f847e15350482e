/**
 * Heap after a million distinct genuine tokens, each sent twice so that it would be remembered, against a thousand;
 * and microseconds of CPU for one call beside request.jwtVerify(). Run: node --expose-gc --import tsx bench/token-memory.ts [cost]
 */
import { createHmac } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'
import type { FastifyRequest } from 'fastify'
import { registerToken } from '../lib/token/register-token.js'
import type { Authenticate } from '../lib/types.js'

const secret = 'k9Xv2pQz7Lw4RtY8sB3nM6cD1fG5hJ0aE'
const exp = Math.floor(Date.now() / 1000) + 3600
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = encode({ alg: 'HS256', typ: 'JWT' })

function bearer (number: number): string {
  const input = `${header}.${encode({ user_id: 'Ue0gZrJmB1kX3nQp7sT9vYw2aC4dF6hJ', sub: 'Ue0gZrJmB1kX3nQp7sT9vYw2aC4dF6hJ', jti: `t${number}`, iat: exp - 3600, exp })}`
  return `Bearer ${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

const app = Fastify()
await app.register(fastifyJwt, { secret, verify: { algorithms: ['HS256'] } })
const authenticate: Authenticate = await registerToken(app, { secret })
app.get('/', async (request) => {
  await cost(request)
  if (process.argv[2] !== 'cost') heap(request)
  return {}
})
await app.inject('/')

/** CPU of one call, the best of eight rounds: the least disturbed one says most. */
async function time (name: string, calls: number, call: (i: number) => unknown): Promise<void> {
  let best = Infinity
  for (let round = 0; round < 8; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < calls; i++) {
      const answer = call(round * calls + i)
      if (answer instanceof Promise) await answer
    }
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / calls)
  }
  console.log(`${name.padEnd(28)} ${best.toFixed(2)} µs`)
}

async function cost (request: FastifyRequest): Promise<void> {
  const calls = 5000
  const fresh = Array.from({ length: calls * 8 }, (_, i) => bearer(i))
  const { headers } = request
  await time('request.jwtVerify(), new', calls, (i) => { headers.authorization = fresh[i]!; return request.jwtVerify() })
  await time('authenticate, new', calls, (i) => { headers.authorization = fresh[i]!; return authenticate(request) })
  const few = fresh.slice(0, 50)
  // As the parser makes it: a string of its own, not hashed yet.
  await time('authenticate, remembered', calls, (i) => { headers.authorization = Buffer.from(few[i % 50]!, 'latin1').toString('latin1'); return authenticate(request) })
  await time('the string of that alone', calls, (i) => Buffer.from(few[i % 50]!, 'latin1').toString('latin1'))
}

function heap (request: FastifyRequest): void {
  for (let i = 0; i < 1_000_000; i++) {
    request.headers.authorization = bearer(i)
    authenticate(request)
    authenticate(request)
    if (i === 999 || i === 9_999 || i === 99_999 || i === 999_999) {
      globalThis.gc?.()
      console.log(`${String(i + 1).padStart(8)} tokens: ${(process.memoryUsage().heapUsed / 1048576).toFixed(1)} MiB`)
    }
  }
}
