import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export const secret = 'k9Xv2pQz7Lw4RtY8sB3nM6cD1fG5hJ0aE'

const { privateKey } = generateKeyPairSync('ed25519')
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A genuine token as Better Auth issues it; `number` makes it one of its own. */
export function makeToken (
  alg: 'HS256' | 'EdDSA',
  number: number | string,
  userId = 'Ue0gZrJmB1kX3nQp7sT9vYw2aC4dF6hJ',
  iss = 'http://issuer.example'
): string {
  const now = Math.floor(Date.now() / 1000)
  const header = alg === 'HS256' ? { alg, typ: 'JWT' } : { alg, kid: 'k' }
  const input = `${encode(header)}.${encode({ user_id: userId, sub: userId, iss, jti: `t${number}`, iat: now, exp: now + 3600 })}`
  const signature =
    alg === 'HS256'
      ? createHmac('sha256', secret).update(input).digest('base64url')
      : sign(null, Buffer.from(input), privateKey).toString('base64url')
  return `${input}.${signature}`
}

/** Serves the public key that goes with the EdDSA tokens. */
export async function serveKeySet (): Promise<{ url: string, close (): void }> {
  const keys = [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), alg: 'EdDSA', kid: 'k' }]
  const server = createServer((_request, response) => { response.end(JSON.stringify({ keys })) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}
