import t from 'tap'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { signature, signer } from '../fixtures/asymmetric.js'
import { keySetServer, publish } from '../fixtures/key-set-server.js'
import { listenOnLoopback, rawRequest } from '../fixtures/raw-request.js'
import { tokenApp } from '../fixtures/token-app.js'
import { encode, hs256, now, retiredSecret, secret, token } from '../fixtures/tokens.js'

type Verdict = 'Missing token' | 'Invalid token' | 'Token expired'
interface Case { name: string, lines: string[], verdict: Verdict }

const issuer = signer('EdDSA', 'ed')
const rsa = signer('RS256', 'rsa')
const ec = signer('ES256', 'ec')
const stranger = signer('EdDSA', 'ed')
const cases: Case[] = []

function add (name: string, value: string | string[], verdict: Verdict = 'Invalid token'): void {
  const lines = (Array.isArray(value) ? value : [`Authorization: ${value}`])
  cases.push({ name, lines, verdict })
}

function bearer (name: string, text: string, verdict?: Verdict): void {
  add(name, `Bearer ${text}`, verdict)
}

// The header field itself.
add('no header', [], 'Missing token')
for (const value of ['', 'Bearer', 'bearer', 'BEARER', 'Bearer   ', 'Bearer \t ', 'Basic YTpi', 'basic', 'Digest username="a"', 'Negotiate x', 'Token x', 'JWT x', 'BearerX x', 'Bearer1 x', 'Bearer-Token x', 'x', `${token()}`, `"Bearer" ${token()}`, `Authorization: Bearer ${token()}`, '{}', 'null']) {
  add(`value ${JSON.stringify(value.slice(0, 24))}`, value, 'Missing token')
}
for (const value of [`Bearer\t${token()}`, `Bearer,${token()}`, `Bearer:${token()}`, `Bearer=${token()}`, `Bearer"${token()}"`, `Bearer "${token()}"`, `Bearer <${token()}>`, `Bearer Bearer ${token()}`,
  `Bearer ${token()} ${token()}`, `Bearer ${token()},${token()}`, `Bearer ${token()}, Bearer ${token()}`, `Bearer ${token()}; charset=utf-8`, `Bearer token=${token()}`, `Bearer ${token()}#`, `Bearer ?${token()}`,
  `Basic YTpi, Bearer ${token()}`, `Bearer ${token()}\u00a0`, `Bearer \u00e9${token()}`, `Bearer ${token()}\u00ff`, `Bearer %20${token()}`, `Bearer ${encodeURIComponent(`${token()} `)}`]) {
  add(`value ${JSON.stringify(value.slice(0, 24))}…${JSON.stringify(value.slice(-6))}`, value)
}
const twice: Array<[string, string]> = [[token(), token()], [token(), 'x'], ['x', token()], [token(), token({ user_id: 'eve' })]]
for (const [first, second] of twice) {
  add(`two headers ${first.slice(-4)} ${second.slice(-4)}`, [`Authorization: Bearer ${first}`, `Authorization: Bearer ${second}`])
  add(`two headers in two spellings ${first.slice(-4)} ${second.slice(-4)}`, [`authorization: Bearer ${first}`, `AUTHORIZATION: Bearer ${second}`])
}
add('a second header of another scheme', [`Authorization: Bearer ${token()}`, 'Authorization: Basic YTpi'])
add('a first header of another scheme', ['Authorization: Basic YTpi', `Authorization: Bearer ${token()}`])
add('three headers', Array.from({ length: 3 }, () => `Authorization: Bearer ${token()}`))
add('a proxy\'s header is not ours', [`Proxy-Authorization: Bearer ${token()}`], 'Missing token')
add('a cookie is not a header', [`Cookie: authorization=Bearer ${token()}; token=${token()}`], 'Missing token')
add('a header of a similar name', [`X-Authorization: Bearer ${token()}`], 'Missing token')
bearer('a byte over 8 KiB', `${'a'.repeat(8193)}`)
bearer('far over 8 KiB', `${'a'.repeat(12_000)}`)
bearer('a genuine token over 8 KiB', token({ x: 'x'.repeat(7000) }))

// The shape.
const [head, body, sig] = token().split('.') as [string, string, string]
for (const shape of ['.', '..', '...', 'a', 'a.b', 'a.b.c', `${head}`, `${head}.`, `${head}.${body}`, `${head}.${body}.`, `${head}..${sig}`, `.${body}.${sig}`, `..${sig}`, `.${head}.${body}.${sig}`, `${head}.${body}.${sig}.`, `${head}.${body}.${sig}.${sig}`, `${head}.${body}.${sig}.${sig}.${sig}`,
  `${head}.${body}.${sig}=`, `${head}=.${body}.${sig}`, `${head}.${body}==.${sig}`, `${head}.${body}.${sig}A`, `${head}.${body}.${sig.slice(1)}`, `${head}.${body}.${sig.slice(0, -1)}`, `${head}.${body}.${sig.slice(0, 22)}`, `${head}.${body}.A`, `${head}.${body}.AA`, `${body}.${head}.${sig}`, `${sig}.${body}.${head}`,
  `${head}.${body}.${sig}+`, `${head}.${body}.${sig}/`, `${head}~${body}~${sig}`, `${head}/${body}/${sig}`, `${head}.${body.toUpperCase()}.${sig}`, `${head}.${body}.${sig.toUpperCase()}`, `${head}.${body}.${sig}${sig}`, token().replace(/\./g, '%2e'), Buffer.from(token()).toString('base64'),
  'undefined', 'null', 'true', '[object+Object]', 'NaN', '-', '_._._', 'AA.AA.AA', '========', '1.2.3', '../../etc/passwd', `${head}.${body}.${'A'.repeat(43)}`, `${head}.${body}.${'_'.repeat(43)}`]) {
  bearer(`shape ${shape.slice(0, 12)}…${shape.slice(-12)}`, shape)
}
// Another spelling of the same bytes: the padding bits of the last character.
const last = (text: string): string => text.slice(0, -1) + 'AEIMQUYcgkosw048'.split('').map((c) => String.fromCharCode(c.charCodeAt(0) + 1))['AEIMQUYcgkosw048'.indexOf(text.at(-1)!)]
bearer('a second spelling of the signature', `${head}.${body}.${last(sig)}`)
bearer('the signature in standard base64', `${head}.${body}.${Buffer.from(sig, 'base64url').toString('base64')}`)
bearer('the signature in hexadecimal', `${head}.${body}.${Buffer.from(sig, 'base64url').toString('hex')}`)

// The signature.
bearer('another secret', token({}, retiredSecret))
bearer('no secret', token({}, ''))
bearer('the secret decoded from base64', (() => {
  const input = `${head}.${body}`
  return `${input}.${createHmac('sha256', Buffer.from(secret, 'base64')).update(input).digest('base64url')}`
})())
for (const hash of ['sha1', 'sha384', 'sha512', 'md5']) {
  bearer(`HS256 by name, ${hash} by signature`, `${head}.${body}.${createHmac(hash, secret).update(`${head}.${body}`).digest('base64url')}`)
}
bearer('a changed payload', `${head}.${encode({ user_id: 'eve', exp: now() + 60 })}.${sig}`)
bearer('a changed header', `${encode({ alg: 'HS256', typ: 'JWT', x: 1 })}.${body}.${sig}`)
bearer('expired and forged', token({ exp: now() - 60 }, retiredSecret))
bearer('expired and unsigned', `${encode({ alg: 'none' })}.${encode({ user_id: 'ada', exp: now() - 60 })}.`)

// The algorithm.
for (const alg of ['none', 'None', 'NONE', 'nOnE', 'none ', '', ' ', 'HS256 ', ' HS256', 'hs256', 'Hs256', 'HS384', 'HS512', 'HS1', 'HS256\u0000', 'HS256,none', 'ES256K', 'RS1', 'RSA1_5', 'RSA-OAEP', 'dir', 'A256KW', 'A128GCM', 'EdDSA25519', 'Ed25519', 'ML-DSA-44', 'constructor', '__proto__', 'toString', 'HMAC', 'SHA256', null, true, 0, 256, [], ['HS256'], {}, { alg: 'HS256' }]) {
  bearer(`alg ${JSON.stringify(alg)} over a good HMAC`, token({}, secret, { alg }))
}
bearer('no alg', hs256({ typ: 'JWT' }, { user_id: 'ada', exp: now() + 60 }))
for (const alg of ['none', 'None', 'NONE']) {
  for (const tail of ['', 'AA', sig]) bearer(`alg ${alg} with signature ${JSON.stringify(tail.slice(0, 4))}`, `${encode({ alg })}.${encode({ user_id: 'ada', sub: 'ada', exp: now() + 60 })}.${tail}`)
}
for (const alg of ['EdDSA', 'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']) {
  for (const kid of ['ed', 'rsa', 'ec']) bearer(`${alg} with kid ${kid} over an HMAC`, hs256({ alg, kid }, { user_id: 'ada', sub: 'ada', exp: now() + 60 }))
}
const publicKeys = [JSON.stringify(rsa.jwk), JSON.stringify(issuer.jwk), JSON.stringify({ keys: [issuer.jwk] }), String(rsa.jwk['n']), String(issuer.jwk['x'])]
for (const [index, key] of publicKeys.entries()) {
  for (const kid of ['ed', 'rsa']) bearer(`public key ${index} as a secret, kid ${kid}`, hs256({ alg: 'HS256', kid }, { user_id: 'ada', sub: 'ada', exp: now() + 60 }, key))
}

// The header.
for (const value of ['', 'jwt ', 'JOSE', 'JWE', 'at+jwt', 'application/application/jwt', 'text/jwt', 'jwt;a=b', 'dpop+jwt', 'logout+jwt', 'secevent+jwt', 'better-auth.session-cache+jwt', null, 1, true, [], ['JWT'], {}]) {
  bearer(`typ ${JSON.stringify(value)}`, token({}, secret, { typ: value }))
}
for (const typ of ['better-auth.session-cache+jwt', 'logout+jwt', 'secevent+jwt', 'okta-internal-at+jwt', 'JWE', null, 7]) bearer(`typ ${JSON.stringify(typ)} of the key set`, issuer.token({}, { typ }))
for (const crit of [[], ['exp'], ['alg'], ['b64'], ['x', 'x'], [1], [null], '', 'exp', null, false, 0, true, {}]) bearer(`crit ${JSON.stringify(crit)}`, token({}, secret, { crit }))
for (const [name, value] of Object.entries({ enc: 'A256GCM', zip: 'DEF', b64: false })) {
  for (const odd of [value, null, '', {}]) bearer(`${name} ${JSON.stringify(odd).slice(0, 16)}`, token({}, secret, { [name]: odd }))
}
for (const member of [{ jku: 'https://evil.example/jwks' }, { x5u: 'https://evil.example/cert' }, { jwk: stranger.jwk }, { x5c: ['MIIB'] }]) {
  bearer(`a key that the token names, ${JSON.stringify(member).slice(0, 16)}`, stranger.token({}, member))
}
for (const kid of [null, 7, true, [], ['ed'], {}]) bearer(`kid ${JSON.stringify(kid)}`, token({}, secret, { kid }))
for (const kid of ['', ' ', 'ED', 'ed ', 'nobody', '../../dev/null', '\' or 1=1 --', '/dev/null', 'http://evil.example', '__proto__', 'constructor', 'ed\u0000', 'x'.repeat(1000)]) bearer(`a stranger's token with kid ${JSON.stringify(kid).slice(0, 20)}`, stranger.token({}, { kid }))
bearer('a stranger\'s key under a known kid', stranger.token())
bearer('one key\'s token under another\'s kid', ec.token({}, { kid: 'ed' }))
bearer('no kid where several keys could be meant', signer('EdDSA').token())
bearer('PS256 with a key that is published for RS256', (() => {
  const input = `${encode({ alg: 'PS256', kid: 'rsa' })}.${encode({ sub: 'ada', exp: now() + 60 })}`
  return `${input}.${signature('PS256', rsa.privateKey, input)}`
})())
bearer('ES256 signed in DER', (() => {
  const good = ec.token()
  return `${good}AA`
})())
bearer('an ES256 signature of zeros', `${ec.token().split('.').slice(0, 2).join('.')}.${Buffer.alloc(64).toString('base64url')}`)
bearer('an Ed25519 signature of zeros', `${issuer.token().split('.').slice(0, 2).join('.')}.${Buffer.alloc(64).toString('base64url')}`)
for (const text of ['', '[]', 'null', '1', '"HS256"', '{', '{}', '{"alg":"HS256"', '{"alg":"HS256"}}', '\ufeff{"alg":"HS256"}', '{alg:"HS256"}', "{'alg':'HS256'}", '{"alg":"HS256",}', '{"ALG":"HS256"}', '{"alg":"HS256","alg":"none"}', '{"__proto__":{"alg":"HS256"}}', `{"alg":${'['.repeat(500)}`]) {
  bearer(`header ${text.slice(0, 30)}`, hs256(text, { user_id: 'ada', exp: now() + 60 }))
}
const brokenUtf8 = Buffer.concat([Buffer.from('{"alg":"HS256","x":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')]).toString('base64url')
bearer('a header that is no UTF-8', (() => {
  const input = `${brokenUtf8}.${body}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
})())

// The payload, well signed.
const sign = (text: string): string => hs256({ alg: 'HS256', typ: 'JWT' }, text)
for (const text of ['', '[]', 'null', 'true', '1', '"ada"', '{', '{}', '[{"user_id":"ada"}]', `[${body}]`, 'ada', '\ufeff{}', '{"user_id":"ada"}', `{"user_id":"ada","exp":${now() + 60}`, `{"user_id":"ada","exp":${now() + 60},}`, `{"user_id":"ada","exp":0${now() + 60}}`, `{"user_id":"ada","exp":+${now() + 60}}`, '{"user_id":"ada","exp":1e400}', '{"user_id":"ada","exp":-1e400}', '{"user_id":"ada","exp":NaN}', '{"user_id":"ada","exp":Infinity}', token(), issuer.token()]) {
  bearer(`payload ${text.slice(0, 30)}`, sign(text))
}
bearer('a payload that is no UTF-8', (() => {
  const bytes = Buffer.concat([Buffer.from(`{"exp":${now() + 60},"user_id":"`), Buffer.from([0x61, 0xff]), Buffer.from('"}')]).toString('base64url')
  const input = `${head}.${bytes}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
})())
for (const name of ['exp', 'nbf', 'iat']) {
  for (const value of [null, '', String(now() + 60), 'never', true, false, [], [now() + 60], {}, 8.64e12 + 1, 9e15, 1e300, -9e15]) bearer(`${name} ${JSON.stringify(value)}`, token({ [name]: value }))
}
bearer('nbf in the future', token({ nbf: now() + 600 }))
bearer('iat in the future', token({ iat: now() + 600 }))
bearer('nbf at the end of time', token({ nbf: 8.64e12 }))
bearer('no exp', token({ exp: undefined }))
for (const id of [undefined, null, '', 0, 7, true, false, [], ['ada'], {}, { id: 'ada' }, '\u0000', 'ada\u0000', '\ud800', 'ada\udfff']) bearer(`user_id ${JSON.stringify(id)}`, token({ user_id: id }))
for (const claims of [{ sub: 'ada' }, { userId: 'ada' }, { id: 'ada' }, { user: { id: 'ada' } }, { USER_ID: 'ada' }, { 'user_id ': 'ada' }, { email: 'ada@example.com', userId: 'ada' }, { session: { userId: 'ada' }, user: { id: 'ada' }, updatedAt: 1, version: '1' }]) {
  bearer(`no user_id but ${Object.keys(claims).join(', ')}`, token({ user_id: undefined, ...claims }))
}
for (const [name, value] of [['sub', 7], ['sub', null], ['iss', 7], ['iss', []], ['jti', 7], ['aud', 7], ['aud', {}], ['aud', [7]], ['aud', null]] as const) bearer(`${name} ${JSON.stringify(value)}`, token({ [name]: value }))
for (const claims of [{ sub: undefined }, { sub: '' }, { sub: 7 }, { sub: null }, { sub: ['ada'] }, { exp: undefined }, { exp: 'x' }, { nbf: now() + 600 }, { sub: undefined, user_id: 'ada' }]) bearer(`key set: ${JSON.stringify(claims)}`, issuer.token(claims))

// Genuine and too late, in both families.
for (const exp of [0, 1, -1, now() - 1, now() - 86_400, -8.64e12, 1.5]) {
  bearer(`exp ${exp}`, token({ exp, iat: undefined }), 'Token expired')
  bearer(`exp ${exp} of the key set`, issuer.token({ exp, iat: undefined }), 'Token expired')
  bearer(`exp ${exp} and another fault`, token({ exp, iat: undefined, user_id: '' }))
}

t.test(`${cases.length} hostile requests over raw sockets are answered exactly`, async (t) => {
  t.ok(cases.length >= 300)
  const server = await keySetServer(t, publish(issuer.jwk, rsa.jwk, ec.jwk, signer('EdDSA', 'other').jwk))
  const { app } = await tokenApp(t, { secret, jwks: server.url })
  const port = await listenOnLoopback(app)

  const good = await rawRequest(port, ['GET /me HTTP/1.1', 'Host: x', 'Connection: close', `Authorization: Bearer ${token()}`])
  t.equal(good.status, 200, 'a good token is let in')
  const goodKey = await rawRequest(port, ['GET /me HTTP/1.1', 'Host: x', 'Connection: close', `Authorization: Bearer ${issuer.token()}`])
  t.equal(goodKey.status, 200, 'a good token of the key set is let in')

  const challenge = { 'Missing token': 'Bearer', 'Invalid token': 'Bearer error="invalid_token"', 'Token expired': 'Bearer error="invalid_token"' }
  for (const { name, lines, verdict } of cases) {
    const answer = await rawRequest(port, ['GET /me HTTP/1.1', 'Host: x', 'Connection: close', ...lines])
    const found = { status: answer.status, body: answer.body, challenge: /^www-authenticate: (.*)$/im.exec(answer.head)?.[1] }
    t.strictSame(found, { status: 401, body: JSON.stringify({ detail: verdict }), challenge: challenge[verdict] }, name)
  }
  t.ok(server.fetches <= 3, `${server.fetches} fetches of the key set`)
})

t.test('what the parser refuses never reaches us, and is no 5xx', async (t) => {
  const { app } = await tokenApp(t, { secret })
  const port = await listenOnLoopback(app)
  for (const value of ['Bearer a\u0000b', 'Bearer a\u0007b', `Bearer ${'a'.repeat(20_000)}`]) {
    const answer = await rawRequest(port, ['GET /me HTTP/1.1', 'Host: x', 'Connection: close', `Authorization: ${value}`])
    t.ok(answer.status === 400 || answer.status === 431, `${answer.status}`)
  }
})

t.test('a header in two lines of one value, as obs-fold once allowed, is not let in', async (t) => {
  const { app } = await tokenApp(t, { secret })
  const port = await listenOnLoopback(app)
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => { answer += chunk })
  socket.write(`GET /me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer\r\n ${token()}\r\n\r\n`)
  await once(socket, 'close')
  t.match(answer, /^HTTP\/1\.1 4/)
})
