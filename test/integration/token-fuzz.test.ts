import t from 'tap'
import { signer } from '../fixtures/asymmetric.js'
import { keySetServer, publish } from '../fixtures/key-set-server.js'
import { tokenApp } from '../fixtures/token-app.js'
import { encode, hs256, now, secret, token } from '../fixtures/tokens.js'

const rounds = 100_000
const seed = Number(process.env['FUZZ_SEED'] ?? 20_240_229)

// A generator of our own, so that a failure can be run again from its seed.
function generator (state: number): (below: number) => number {
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let z = Math.imul(state ^ (state >>> 15), state | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) % below
  }
}

const random = generator(seed)
const pick = <T>(list: readonly T[]): T => list[random(list.length)]!

const oddValues: unknown[] = [null, true, false, 0, -1, 1e308, 9e15, '', 'JWT', 'none', 'HS256', 'EdDSA', 'a', [], {}, [[]], { a: 1 }, '\u0000', '\ud800', 'ä', '😀', '__proto__', now() + 60, String(now() + 60), 'x'.repeat(300)]
const names = ['alg', 'typ', 'kid', 'crit', 'jku', 'jwk', 'x5c', 'cty', 'b64', 'user_id', 'sub', 'exp', 'nbf', 'iat', 'iss', 'aud', 'jti', 'constructor', '__proto__', 'email']
const pieces = ['.', '..', ' ', ',', '=', '-', '_', '+', '/', '%00', '\t', 'A', 'é', 'Bearer ', 'bearer', ', Bearer ', '"', '{', 'eyJhbGciOiJub25lIn0', '\u007f', '\u0080', '\u00ff']

function mutateJson (value: Record<string, unknown>): unknown {
  if (random(12) === 0) return pick(oddValues)
  const copy: Record<string, unknown> = { ...value }
  for (let i = random(3); i >= 0; i--) {
    const name = pick(names)
    if (random(4) === 0) delete copy[name]
    else Object.defineProperty(copy, name, { value: pick(oddValues), enumerable: true, configurable: true, writable: true })
  }
  return copy
}

function mutateText (text: string): string {
  const at = random(text.length + 1)
  switch (random(7)) {
    case 0: return text.slice(0, at) + text.slice(at + 1 + random(4))
    case 1: return text.slice(0, at) + pick(pieces) + text.slice(at)
    case 2: return text.slice(0, at)
    case 3: return text.slice(0, at) + String.fromCharCode(random(255) + 1) + text.slice(at + 1)
    case 4: return text.split('.').reverse().join('.')
    case 5: return text.slice(at) + text.slice(0, at)
    default: return text + text.slice(at)
  }
}

t.test(`${rounds} mutated headers: no exception escapes, no 5xx, nothing forged is let in (FUZZ_SEED=${seed})`, async (t) => {
  const issuer = signer('EdDSA', 'k')
  const server = await keySetServer(t, publish(issuer.jwk))
  const { app } = await tokenApp(t, { secret, jwks: server.url })
  const header = { alg: 'HS256', typ: 'JWT' }
  const claims = { user_id: 'ada', iat: now(), exp: now() + 900 }
  const genuine = [token(), issuer.token(), token({ exp: now() - 9 }), issuer.token({}, { typ: 'at+jwt' })]

  function headerValue (): { value: string, resigned: boolean } {
    switch (random(4)) {
      // A fault the issuer itself could sign: the signature is good, only the strict reading stands in the way.
      case 0: return { value: `Bearer ${hs256(mutateJson(header), mutateJson(claims))}`, resigned: true }
      case 1: return { value: `Bearer ${hs256(header, mutateText(JSON.stringify(claims)))}`, resigned: true }
      case 2: return { value: `Bearer ${encode(mutateJson(header))}.${pick(genuine).split('.').slice(1).join('.')}`, resigned: false }
      default: {
        let value = `Bearer ${pick(genuine)}`
        for (let i = random(3); i >= 0; i--) value = mutateText(value)
        return { value, resigned: false }
      }
    }
  }

  const accepted = new Set(genuine)
  const answers = new Map<number, number>()
  const wrong: string[] = []
  for (let round = 0; round < rounds; round += 100) {
    await Promise.all(Array.from({ length: 100 }, async () => {
      const { value, resigned } = headerValue()
      const response = await app.inject({ url: '/me', headers: { authorization: value } })
      answers.set(response.statusCode, (answers.get(response.statusCode) ?? 0) + 1)
      if (response.statusCode === 401) return
      const sound = response.statusCode === 200 && (resigned ? isSound(value) : accepted.has(value.slice(7).trim()))
      if (!sound) wrong.push(`${response.statusCode} ${value}`)
    }))
  }
  t.strictSame(wrong, [])
  t.ok(answers.get(401)! > rounds * 0.8)
  t.comment(Object.fromEntries(answers))
})

// What a re-signed token must still say to have been let in.
function isSound (value: string): boolean {
  const payload = JSON.parse(Buffer.from(value.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
  return typeof payload['user_id'] === 'string' && payload['user_id'] !== '' && !/\p{Surrogate}/u.test(payload['user_id']) && !payload['user_id'].includes('\u0000') &&
    typeof payload['exp'] === 'number' && payload['exp'] > now() - 30 && payload['exp'] <= 8.64e12
}
