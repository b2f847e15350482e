import { createPublicKey } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'
import { createPublicVerificationKey } from './verification-key.js'
import type { Algorithm, VerificationKey } from './verification-key.js'

/** A key of the issuer's set. */
export interface PublishedKey extends VerificationKey {
  readonly kid: string | undefined
  readonly algorithms: ReadonlySet<string>
  /** The same key published again has the same identity. */
  readonly identity: string
}

const rsaAlgorithms: readonly Algorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
// RFC 7518 section 3.4 ties each ES algorithm to one curve, RFC 8037 section 3.1 EdDSA to the two Edwards curves; RFC
// 9864 gives each of these a name of its own.
const curves: Readonly<Record<string, { kty: string, algorithms: readonly Algorithm[] }>> = {
  'P-256': { kty: 'EC', algorithms: ['ES256'] },
  'P-384': { kty: 'EC', algorithms: ['ES384'] },
  'P-521': { kty: 'EC', algorithms: ['ES512'] },
  Ed25519: { kty: 'OKP', algorithms: ['EdDSA', 'Ed25519'] },
  Ed448: { kty: 'OKP', algorithms: ['EdDSA', 'Ed448'] }
}

/** Every algorithm a key set may verify. */
export const keySetAlgorithms: ReadonlySet<string> = new Set(
  [...Object.values(curves).flatMap(({ algorithms }) => algorithms), ...rsaAlgorithms])

// RFC 7518 sections 3.3 and 3.5.
const minModulusBits = 2048

/**
 * Reads the keys of a set that can verify tokens, and passes over the others (RFC 7517 section 5): a foreign `use`,
 * an unknown `kty`, a curve that is not the algorithm's, a published private key.
 */
export function readPublishedKeys (keys: readonly unknown[]): PublishedKey[] {
  const found = new Map<string, PublishedKey>()
  for (const key of keys) {
    const published = readKey(key)
    if (published !== undefined) found.set(published.identity, published)
  }
  return [...found.values()]
}

function readKey (key: unknown): PublishedKey | undefined {
  if (typeof key !== 'object' || key === null) return undefined
  const jwk = key as Record<string, unknown>
  if (!mayVerify(jwk)) return undefined
  const { kid } = jwk
  if (kid !== undefined && typeof kid !== 'string') return undefined
  const algorithms = algorithmsOf(jwk)
  if (algorithms.length === 0) return undefined
  const publicKey = toPublicKey(jwk)
  if (publicKey === undefined) return undefined
  return {
    ...createPublicVerificationKey(publicKey, algorithms),
    kid,
    algorithms: new Set(algorithms),
    identity: JSON.stringify([kid, algorithms, publicKey.export({ type: 'spki', format: 'pem' })])
  }
}

function mayVerify (jwk: Record<string, unknown>): boolean {
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return false
  const operations = jwk['key_ops']
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false
  // Whoever can read the set could sign with it.
  return jwk['d'] === undefined && jwk['k'] === undefined
}

// Without `alg` a key serves what its type allows: one algorithm for a curve, six for RSA. On an Edwards curve the old
// name and the new one are the same algorithm, whichever the key has.
function algorithmsOf (jwk: Record<string, unknown>): readonly Algorithm[] {
  const { kty, crv, alg } = jwk
  const curve = typeof crv === 'string' && Object.hasOwn(curves, crv) ? curves[crv] : undefined
  const possible = kty === 'RSA' ? rsaAlgorithms : curve !== undefined && curve.kty === kty ? curve.algorithms : []
  if (alg === undefined || (kty === 'OKP' && possible.some((algorithm) => algorithm === alg))) return possible
  return possible.filter((algorithm) => algorithm === alg)
}

function toPublicKey (jwk: Record<string, unknown>): KeyObject | undefined {
  const { kty, crv, x, y, n, e } = jwk
  try {
    const key = createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: 'jwk' })
    const { modulusLength } = key.asymmetricKeyDetails ?? {}
    if (modulusLength !== undefined && modulusLength < minModulusBits) return undefined
    return key
  } catch {
    return undefined
  }
}
