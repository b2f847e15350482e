import t from 'tap'
import type { ScopeOptions, TokenOptions } from '../../lib/options.js'
import { checkClaims, parseClaimRules } from '../../lib/token/claims.js'

const second = 1_700_000_000
const at = second * 1000

function check (claims: unknown, options: TokenOptions & Pick<ScopeOptions, 'organization'> = {}, family: 'secret' | 'keySet' = 'secret'): ReturnType<typeof checkClaims> {
  return checkClaims(claims, parseClaimRules(options, family), at)
}

function payload (claims: Record<string, unknown> = {}): Record<string, unknown> {
  // As from the wire, so that an undefined is an absent claim.
  return JSON.parse(JSON.stringify({ user_id: 'ada', sub: 'ada', exp: second + 60, ...claims }))
}

t.test('a good payload names the user and when it ends', async (t) => {
  const { verified, expiresAt } = check(payload({ iat: second, nbf: second }))
  t.equal(verified.userId, 'ada')
  t.equal(verified.claims.exp, second + 60)
  t.equal(expiresAt, at + 60_000)
})

t.test('claims are frozen to the ground, arrays and all', async (t) => {
  const { verified } = check(payload({ roles: ['a', { b: [1] }], deep: { er: { still: 1 } } }))
  t.ok(Object.isFrozen(verified))
  t.ok(Object.isFrozen(verified.claims))
  const roles = verified.claims['roles'] as [string, { b: number[] }]
  t.ok(Object.isFrozen(roles))
  t.ok(Object.isFrozen(roles[1].b))
  t.ok(Object.isFrozen((verified.claims['deep'] as { er: object }).er))
})

t.test('a payload nested as deep as a token can be is frozen without running out of stack', async (t) => {
  const depth = 6000
  t.equal(check(JSON.parse(`{"user_id":"ada","exp":${second + 60},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`)).verified.userId, 'ada')
})

const wrongTypes: unknown[] = [null, true, '1700000060', [], [second + 60], {}, 8.64e12 + 1, -8.64e12 - 1, 9e15, 1e300]
for (const name of ['exp', 'nbf', 'iat']) {
  for (const value of wrongTypes) {
    t.test(`${name}: ${JSON.stringify(value)} is refused`, async (t) => {
      t.throws(() => check(payload({ [name]: value })), { code: 'FAI_INVALID_TOKEN', reason: name })
    })
  }
}

t.test('1e400, which JSON reads as Infinity, is no date', async (t) => {
  for (const name of ['exp', 'nbf', 'iat']) {
    t.throws(() => check(JSON.parse(`{"user_id":"ada","exp":${second + 60},"${name}":1e400}`)), { code: 'FAI_INVALID_TOKEN', reason: name })
  }
  t.throws(() => checkClaims({ user_id: 'ada', exp: Number.NaN }, parseClaimRules({}, 'secret'), at), { code: 'FAI_INVALID_TOKEN', reason: 'exp' })
})

t.test('exp is required', async (t) => {
  t.throws(() => check(payload({ exp: undefined })), { code: 'FAI_INVALID_TOKEN', reason: 'exp' })
})

t.test('the last date that exists is accepted', async (t) => {
  t.equal(check(payload({ exp: 8.64e12 })).verified.userId, 'ada')
})

t.test('expired begins at exp itself, and clockTolerance moves it', async (t) => {
  t.throws(() => check(payload({ exp: second })), { code: 'FAI_TOKEN_EXPIRED' })
  t.equal(check(payload({ exp: second + 0.001 })).verified.userId, 'ada')
  t.equal(check(payload({ exp: second - 4.999 }), { clockTolerance: 5 }).verified.userId, 'ada')
  t.throws(() => check(payload({ exp: second - 5 }), { clockTolerance: 5 }), { code: 'FAI_TOKEN_EXPIRED' })
  t.throws(() => check(payload({ exp: -5 })), { code: 'FAI_TOKEN_EXPIRED' })
})

t.test('a token from the future is invalid, within the tolerance it is not', async (t) => {
  t.throws(() => check(payload({ nbf: second + 6 })), { code: 'FAI_INVALID_TOKEN', reason: 'not_yet_valid' })
  t.throws(() => check(payload({ iat: second + 6 })), { code: 'FAI_INVALID_TOKEN', reason: 'issued_in_the_future' })
  t.equal(check(payload({ nbf: second + 5, iat: second + 0.5 })).verified.userId, 'ada', 'an issuer\'s clock is never quite ours')
  t.equal(check(payload({ nbf: second + 8, iat: second + 8 }), { clockTolerance: 3 }).verified.userId, 'ada')
  t.throws(() => check(payload({ iat: second + 8.1 }), { clockTolerance: 3 }), { code: 'FAI_INVALID_TOKEN', reason: 'issued_in_the_future' })
})

const badIds: unknown[] = [undefined, null, '', ' ', '\t\n', '\u00a0', '\u2003 ', 7, true, [], ['ada'], {}, 'a\u0000b', 'a\ud800', '\udc00a']
for (const id of badIds) {
  t.test(`a user id of ${JSON.stringify(id) ?? 'nothing'} is refused`, async (t) => {
    t.throws(() => checkClaims({ exp: second + 60, user_id: id }, parseClaimRules({}, 'secret'), at), { code: 'FAI_INVALID_TOKEN', reason: 'user_id' })
  })
}

t.test('a user id may hold any well-formed text', async (t) => {
  for (const id of ['0', 'Ada Lovelace', 'ä', '😀', '__proto__']) t.equal(check(payload({ user_id: id })).verified.userId, id)
})

t.test('exactly one claim is read: user_id for the secret, sub for the key set, or the one that was named', async (t) => {
  t.throws(() => check(payload({ user_id: undefined })), { code: 'FAI_INVALID_TOKEN', reason: 'user_id' })
  t.throws(() => check(payload({ user_id: undefined, userId: 'ada', id: 'ada', user: { id: 'ada' } })), { code: 'FAI_INVALID_TOKEN', reason: 'user_id' })
  t.throws(() => check(payload({ sub: undefined }), {}, 'keySet'), { code: 'FAI_INVALID_TOKEN', reason: 'user_id' })
  t.equal(check(payload({ uid: 'eve' }), { userIdClaim: 'uid' }).verified.userId, 'eve')
  t.throws(() => check(payload(), { userIdClaim: 'constructor' }), { code: 'FAI_INVALID_TOKEN', reason: 'user_id' })
})

t.test('a claim of the prototype is not a claim', async (t) => {
  t.throws(() => check(JSON.parse(`{"exp":${second + 60},"__proto__":{"user_id":"ada"}}`)), { code: 'FAI_INVALID_TOKEN', reason: 'user_id' })
})

t.test('a Better Auth e-mail link is refused even where its claim was named', async (t) => {
  const link = { email: 'ada@example.com', userId: 'ada', iat: second, exp: second + 60 }
  t.throws(() => check(link, { userIdClaim: 'userId' }), { code: 'FAI_INVALID_TOKEN', reason: 'email_link' })
  t.throws(() => check(link, { userIdClaim: 'email' }), { code: 'FAI_INVALID_TOKEN', reason: 'email_link' })
  t.equal(check({ userId: 'ada', exp: second + 60 }, { userIdClaim: 'userId' }).verified.userId, 'ada')
  t.equal(check({ ...link, sub: 'ada' }, { userIdClaim: 'sub' }).verified.userId, 'ada')
})

t.test('issuer and audience are checked when given, and then have to be there', async (t) => {
  const issuer = ['https://a.example', 'https://b.example']
  t.equal(check(payload({ iss: 'https://b.example' }), { issuer }).verified.userId, 'ada')
  for (const iss of [undefined, 'https://c.example', issuer, null, 1, '']) t.throws(() => check(payload({ iss }), { issuer }), { code: 'FAI_INVALID_TOKEN', reason: 'iss' })
  t.equal(check(payload({ aud: 'api' }), { audience: 'api' }).verified.userId, 'ada')
  t.equal(check(payload({ aud: ['other', 'api'] }), { audience: 'api' }).verified.userId, 'ada')
  for (const aud of [undefined, 'other', [], null, {}, ['api', 1], [['api']]]) t.throws(() => check(payload({ aud }), { audience: 'api' }), { code: 'FAI_INVALID_TOKEN', reason: 'aud' })
})

t.test('registered claims keep the types the RFC gives them even where nobody asked for them', async (t) => {
  for (const [name, value] of [['iss', 1], ['sub', 7], ['sub', null], ['jti', {}], ['aud', 1], ['aud', [1]], ['aud', null]] as const) {
    t.throws(() => check(payload({ [name]: value })), { code: 'FAI_INVALID_TOKEN', reason: name })
  }
  t.equal(check(payload({ iss: 'a', aud: ['b'], jti: 'c' })).verified.userId, 'ada')
})

t.test('a payload that is no object is refused', async (t) => {
  for (const value of [null, 1, 'x', [], undefined]) t.throws(() => check(value), { code: 'FAI_INVALID_TOKEN', reason: 'payload_malformed' })
})

t.test('mistakes in the options are sentences', async (t) => {
  const mistakes: Array<[TokenOptions, RegExp]> = [
    [{ userIdClaim: '' }, /userIdClaim/],
    [{ userIdClaim: 7 as unknown as string }, /userIdClaim/],
    [{ userIdClaim: ' ' }, /userIdClaim/],
    ...['exp', 'nbf', 'iat', 'iss', 'aud'].map((claim): [TokenOptions, RegExp] => [{ userIdClaim: claim }, new RegExp(`"${claim}" holds a time, the issuer or the audience`)]),
    [{ clockTolerance: -1 }, /clockTolerance/],
    [{ clockTolerance: Number.NaN }, /clockTolerance/],
    [{ clockTolerance: '5' as unknown as number }, /clockTolerance/],
    [{ issuer: '' }, /issuer/],
    [{ issuer: [] }, /issuer/],
    [{ audience: [''] }, /audience/],
    [{ audience: 5 as unknown as string }, /audience/]
  ]
  for (const [options, message] of mistakes) t.throws(() => parseClaimRules(options, 'secret'), { name: 'TypeError', message })
})

t.test('the active organization is a claim of its own, which may be absent or null', async (t) => {
  const organization = { organization: true }
  t.equal(check(payload({ org_id: 'acme' }), organization).verified.organizationId, 'acme')
  for (const claims of [{}, { org_id: null }]) t.equal(check(payload(claims), organization).verified.organizationId, null)
  t.notOk('organizationId' in check(payload({ org_id: 'acme' })).verified, 'without the option it is a claim like any other')
  t.equal(check(payload({ tenant: 'acme', org_id: 5 }), { organization: { claim: 'tenant' } }).verified.organizationId, 'acme')
  for (const org of ['', ' ', '\t\n', 5, true, false, 0, ['acme'], {}, 'a\0b', '\ud800']) {
    t.throws(() => check(payload({ org_id: org }), organization), { code: 'FAI_INVALID_TOKEN', statusCode: 401, reason: 'organization' }, JSON.stringify(org))
  }
  t.equal(check(JSON.parse(`{"user_id":"ada","exp":${second + 60},"__proto__":{"org_id":"acme"}}`), organization).verified.organizationId, null)
})

t.test('a claim holds one thing', async (t) => {
  for (const claim of ['user_id', 'exp', 'iss', 'aud']) {
    t.throws(() => parseClaimRules({ organization: { claim } }, 'secret'), { name: 'TypeError', message: new RegExp(`^"organization.claim" must name the claim that holds the active organization, and "${claim}" holds `) })
  }
  t.throws(() => parseClaimRules({ userIdClaim: 'org_id', organization: true }, 'keySet'), { name: 'TypeError', message: /holds the user id$/ })
})
