/**
 * What verifying costs a server: CPU time a request of the same route, bare and behind each kind of check.
 * Run: npx tsx bench/token-http.ts [requests] [kinds, by commas]. Judge the ratios, not the microseconds.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'
import authIntegration from '../lib/index.js'

const secret = 'k9Xv2pQz7Lw4RtY8sB3nM6cD1fG5hJ0aE'
const kinds = ['bare', 'HS256 seen', 'EdDSA seen', 'HS256 new', 'jwtVerify new', 'EdDSA new'] as const
type Kind = typeof kinds[number]

async function serve (kind: Kind): Promise<void> {
  const app = Fastify()
  if (kind.startsWith('HS256')) await app.register(authIntegration, { secret, hook: 'onRequest', cors: false })
  if (kind.startsWith('EdDSA')) await app.register(authIntegration, { jwks: process.env['BENCH_JWKS']!, hook: 'onRequest', cors: false })
  if (kind === 'jwtVerify new') {
    await app.register(fastifyJwt, { secret, verify: { algorithms: ['HS256'] } })
    app.addHook('onRequest', async (request) => { await request.jwtVerify() })
  }
  app.get('/', async () => ({ ok: true }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  process.on('message', () => process.send!(process.cpuUsage()))
  process.send!((app.server.address() as { port: number }).port)
}

async function measure (): Promise<void> {
  const total = Number(process.argv[2] ?? 30_000)
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const keySet = createServer((_request, response) => {
    response.end(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA', kid: 'k' }] }))
  }).listen(0, '127.0.0.1')
  await once(keySet, 'listening')
  const env = { ...process.env, BENCH_JWKS: `http://127.0.0.1:${(keySet.address() as { port: number }).port}/` }
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })

  const servers = new Map<Kind, { child: ChildProcess, port: number }>()
  const chosen = kinds.filter((kind) => process.argv[3] === undefined || process.argv[3].split(',').includes(kind))
  for (const kind of chosen) {
    const child = fork(fileURLToPath(import.meta.url), [], { env: { ...env, BENCH_KIND: kind }, execArgv: process.execArgv })
    const [port] = await once(child, 'message') as [number]
    servers.set(kind, { child, port })
  }

  const results = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]))
  for (let round = 0; round < 7; round++) {
    for (const [kind, { child, port }] of servers) {
      const alg = kind.startsWith('EdDSA') ? 'EdDSA' : 'HS256'
      const tokens = Array.from({ length: kind.endsWith('new') ? total : 50 }, (_, i) => token(alg, `${round}.${i}`, createPrivateKey(pem)))
      child.send('cpu')
      const [before] = await once(child, 'message') as [NodeJS.CpuUsage]
      await drive(port, tokens, total)
      child.send('cpu')
      const [after] = await once(child, 'message') as [NodeJS.CpuUsage]
      // The first round warms the server up.
      if (round > 0) results.get(kind)!.push((after.user + after.system - before.user - before.system) / total)
    }
  }
  // The least disturbed round says most about the code and least about the neighbours.
  const best = (kind: Kind): number => Math.min(...results.get(kind)!)
  for (const kind of chosen) {
    const against: Kind = kind === 'HS256 new' ? 'jwtVerify new' : 'bare'
    console.log(`${kind.padEnd(14)} ${best(kind).toFixed(1)} µs a request, ${(best(against) / best(kind)).toFixed(2)} of ${against}`)
  }
  for (const { child } of servers.values()) child.kill()
  keySet.close()
}

function token (alg: 'HS256' | 'EdDSA', jti: string, key: ReturnType<typeof createPrivateKey>): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const input = `${encode(alg === 'HS256' ? { alg, typ: 'JWT' } : { alg, kid: 'k' })}.${encode({ user_id: 'Ue0gZrJmB1kX3nQp7sT9vYw2aC4dF6hJ', sub: 'Ue0gZrJmB1kX3nQp7sT9vYw2aC4dF6hJ', jti, iat: now, exp: now + 900 })}`
  return `${input}.${alg === 'HS256' ? createHmac('sha256', secret).update(input).digest('base64url') : sign(null, Buffer.from(input), key).toString('base64url')}`
}

/** Sends all requests over 20 connections, one after the other on each. */
async function drive (port: number, tokens: string[], total: number): Promise<void> {
  let sent = 0
  await Promise.all(Array.from({ length: 20 }, async () => {
    const socket = connect(port, '127.0.0.1').setNoDelay()
    const next = (): void => {
      if (sent >= total) socket.end()
      else socket.write(`GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens[sent++ % tokens.length]}\r\n\r\n`)
    }
    let rest = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      rest += chunk
      for (let end = rest.indexOf('{"ok":true}'); end !== -1; end = rest.indexOf('{"ok":true}')) {
        rest = rest.slice(end + 11)
        next()
      }
      if (rest.includes('401 Unauthorized')) throw new Error(rest)
    })
    next()
    await once(socket, 'close')
  }))
}

const kind = process.env['BENCH_KIND'] as Kind | undefined
await (kind === undefined ? measure() : serve(kind))
