import fc from 'fast-check'
import t from 'tap'
import { redactLine } from '../../lib/logging/redaction.js'

const redact = (value: unknown) => JSON.parse(redactLine(JSON.stringify(value)))
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiYSJ9.c2lnbmF0dXJl'

t.test('the values of secret fields are replaced at any depth, in any case, single or many', (t) => {
  for (const name of ['authorization', 'Authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'Set-Cookie', 'set-auth-token', 'set-auth-jwt', 'x-api-key', 'cookies', 'access_token', 'refreshToken', 'password', 'client_secret']) {
    for (const value of ['hunter2', 'with "quotes" and \\', ['a=hunter2]; Path=/', 'b="hunter2"'], [], { session: 'hunter2', b: '}' }]) {
      t.strictSame(redact({ deep: { req: { headers: { [name]: value, accept: '*/*' } } } }),
        { deep: { req: { headers: { [name]: '[redacted]', accept: '*/*' } } } }, `${name} ${JSON.stringify(value)}`)
    }
  }
  t.end()
})

t.test('objects, numbers and deeper lists are secrets where their field is one; null and flags are not', (t) => {
  for (const name of ['cookies', 'token', 'accessToken', 'password', 'otp', 'set-cookie']) {
    for (const value of [{ session: { value: 'hunter2', maxAge: 60 } }, [{ value: 'hunter2' }, ['hunter2']], { a: '"}]' }, 123456, -1.5e3]) {
      t.strictSame(redact({ req: { [name]: value }, x: 1 }), { req: { [name]: '[redacted]' }, x: 1 }, `${name} ${JSON.stringify(value)}`)
    }
    for (const value of [null, true, false]) t.strictSame(redact({ [name]: value }), { [name]: value })
  }
  t.end()
})

t.test('what is no secret keeps every digit', (t) => {
  t.equal(redactLine('{"cookie":"x","id":12345678901234567890,"id":1.0}'), '{"cookie":"[redacted]","id":12345678901234567890,"id":1.0}')
  t.end()
})

t.test('a list of raw headers has its names and values in turn', (t) => {
  t.strictSame(redact({ rawHeaders: ['Host', 'a', 'Cookie', 'a=hunter2', 'Set-Cookie', 'b=hunter2', 'Accept', '*/*'] }),
    { rawHeaders: ['Host', 'a', 'Cookie', '[redacted]', 'Set-Cookie', '[redacted]', 'Accept', '*/*'] })
  t.end()
})

t.test('a text made by JSON.stringify has lists, objects and JSON within JSON cleaned too', (t) => {
  const headers = { 'set-cookie': ['a=hunter2; Path=/', 'b="hunter2"'], cookies: { session: { value: 'hunter2' } }, token: { value: 'hunter2' }, accept: '*/*' }
  const clean = { 'set-cookie': '[redacted]', cookies: '[redacted]', token: '[redacted]', accept: '*/*' }
  for (const space of [0, 2]) {
    t.strictSame(JSON.parse(redact({ msg: JSON.stringify(headers, null, space) }).msg), clean)
    t.notMatch(redact({ msg: `sent ${JSON.stringify(headers, null, space)} there` }).msg, 'hunter2')
    t.notMatch(redact({ msg: JSON.stringify({ body: JSON.stringify(headers, null, space) }) }).msg, 'hunter2')
  }
  t.notMatch(redact({ msg: JSON.stringify(headers).slice(0, 30) }).msg, 'hunter2', 'cut off in the middle')
  t.end()
})

t.test('the values of a statement are no part of any text', (t) => {
  const clean = redact({ msg: 'Failed query: select $1\nparams: hunter2, b', err: { detail: 'Key (email)=(hunter2) already exists.', hint: 'x' } })
  t.strictSame(clean, { msg: 'Failed query: select $1\nparams: [redacted]', err: { detail: 'Key (email)=([redacted]) already exists.', hint: 'x' } })
  t.end()
})

t.test('a line that is no JSON is searched as a text', (t) => {
  t.equal(redactLine('INFO GET /a?token=hunter2 Bearer hunter2\n'), 'INFO GET /a?token=[redacted] Bearer [redacted]\n')
  t.end()
})

const urls: Array<[string, string]> = [
  ['/a?token=hunter2', '/a?token=[redacted]'],
  ['/a?x=1&access_token=hunter2&y=2', '/a?x=1&access_token=[redacted]&y=2'],
  ['/a?resetToken=hunter2#frag', '/a?resetToken=[redacted]#frag'],
  ['/a?ID_TOKEN=hunter2', '/a?ID_TOKEN=[redacted]'],
  ['/cb?code=hunter2&state=ok', '/cb?code=[redacted]&state=ok'],
  ['/a?password=hunter2', '/a?password=[redacted]'],
  ['/a?api_key=hunter2&apiKey=hunter2', '/a?api_key=[redacted]&apiKey=[redacted]'],
  ['/a?X-Amz-Signature=hunter2', '/a?X-Amz-Signature=[redacted]'],
  ['/a?author=me&keyboard=qwerty&zipcode=1', '/a?author=me&keyboard=qwerty&zipcode=1'],
  ['/a?token[]=hunter2&x=1', '/a?token[]=[redacted]&x=1'],
  ['/a?user[token]=hunter2', '/a?user[token]=[redacted]'],
  ['/a?token%5B%5D=hunter2', '/a?token%5B%5D=[redacted]'],
  ['/a?tok%65n=hunter2', '/a?tok%65n=[redacted]'],
  ['/a?x%5Ftoken=hunter2', '/a?x%5Ftoken=[redacted]'],
  ['/a?x=1;token=hunter2', '/a?x=1;token=[redacted]'],
  ['/a?x=1&;token=hunter2', '/a?x=1&;token=[redacted]'],
  ['/a?kéy_secret=hunter2', '/a?kéy_secret=[redacted]'],
  ['/a?token=hun?ter=2&code=hunter2', '/a?token=[redacted]&code=[redacted]'],
  ['/a#access_token=hunter2', '/a#access_token=[redacted]'],
  ['/a?token=&x=1', '/a?token=&x=1'],
  ['/a?%zz=1&%E0%A4%A=2', '/a?%zz=1&%E0%A4%A=2'],
  ['/token=plain/path', '/token=plain/path'],
  ['/api/auth/reset-password/hunter2?callbackURL=%2Fhome', '/api/auth/reset-password/[redacted]?callbackURL=%2Fhome'],
  ['/api/auth/reset-password', '/api/auth/reset-password'],
  ['/api/auth/email-otp/reset-password', '/api/auth/email-otp/reset-password'],
  ['/api/auth/verify-email?token=hunter2&callbackURL=/', '/api/auth/verify-email?token=[redacted]&callbackURL=/'],
  ['/api/auth/magic-link/verify?token=hunter2', '/api/auth/magic-link/verify?token=[redacted]'],
  ['/api/auth/organization/get-invitation?id=hunter2', '/api/auth/organization/get-invitation?id=[redacted]'],
  ['https://web.example.app/accept-invitation/hunter2', 'https://web.example.app/accept-invitation/[redacted]'],
  ['/invite/hunter2hunter2hunter2', '/invite/[redacted]'],
  ['/invitations/list', '/invitations/list'],
  ['/magic-link/verify', '/magic-link/verify'],
  ['/cb?state=hunter2hunter2hunter2', '/cb?state=[redacted]'],
  ['/device?user_code=hunter2', '/device?user_code=[redacted]'],
  ['/start?popupNonce=hunter2&SAMLResponse=hunter2', '/start?popupNonce=[redacted]&SAMLResponse=[redacted]'],
  ['/a?country_code=DE&zip_code=1', '/a?country_code=DE&zip_code=1'],
  ['/a?to=https%3A%2F%2Fweb%2Fx%3Ftoken%3Dhunter2%26y%3D2&z=3', '/a?to=https%3A%2F%2Fweb%2Fx%3Ftoken%3D[redacted]%26y%3D2&z=3'],
  ['/a?to=https%3A%2F%2Fweb%2Freset-password%2Fhunter2', '/a?to=https%3A%2F%2Fweb%2Freset-password%2F[redacted]']
]
for (const [url, expected] of urls) {
  t.test(`${url} becomes ${expected}, also inside a sentence`, (t) => {
    t.strictSame(redact({ req: { url }, msg: `see "${url}" there` }), { req: { url: expected }, msg: `see "${expected}" there` })
    t.end()
  })
}

t.test('bearer tokens and JWTs are found in any text, and in JSON inside a text', (t) => {
  t.strictSame(redact({ msg: `got Bearer ${jwt} and ${jwt}.` }), { msg: 'got Bearer [redacted] and [redacted].' })
  t.strictSame(redact({ msg: 'Authorization: bearer opaque0123456789abcdef==' }), { msg: 'Authorization: bearer [redacted]' })
  for (const value of ['abc', 'x', 'a:b', 'tokenish', 'error', 'authX']) t.strictSame(redact({ msg: `got Bearer ${value} there` }), { msg: 'got Bearer [redacted] there' })
  for (const gap of ['  ', '\n', '\u00a0', '%20', '+']) t.strictSame(redact({ msg: `got Bearer${gap}abc` }), { msg: `got Bearer${gap}[redacted]` })
  t.strictSame(redact({ msg: 'got Bearer "abc"' }), { msg: 'got Bearer "[redacted]"' })
  t.strictSame(redact({ 'www-authenticate': 'Bearer error="invalid_token"' }), { 'www-authenticate': 'Bearer error="invalid_token"' })
  t.strictSame(redact({ msg: 'No Bearer token, and Bearer authentication is asked for' }), { msg: 'No Bearer token, and Bearer authentication is asked for' })
  t.notMatch(redactLine(JSON.stringify({ body: JSON.stringify({ token: jwt }) })), 'eyJ')
  t.strictSame(redact({ msg: 'The request carries no bearer token' }), { msg: 'The request carries no bearer token' })
  t.end()
})

t.test('a quoted value is a value', (t) => {
  t.strictSame(redact({ msg: '/a?token="hunter 2"&x=1' }), { msg: '/a?token="[redacted]"&x=1' })
  t.end()
})

t.test('a field name may have letters of any alphabet, and the brackets of a query', (t) => {
  for (const name of ['a[token]', 'token[]', 'user[a][password]', 'kéy_secret', 'tökenpassword', '\u{1f511} token']) t.strictSame(redact({ [name]: 'hunter2', x: 1 }), { [name]: '[redacted]', x: 1 })
  t.end()
})

t.test('secret fields are found in JSON inside a text, at whatever depth of it', (t) => {
  for (const value of ['hunter2', 'with "quotes" and \\ and \n and é', '\\', '']) {
    for (const space of [0, 2]) {
      const body = JSON.stringify({ a: { password: value }, cookie: value, x: 'stays' }, null, space)
      const { body: shown, after } = redact({ body, after: 'here' })
      t.strictSame(JSON.parse(shown), { a: { password: '[redacted]' }, cookie: '[redacted]', x: 'stays' })
      t.equal(after, 'here')
    }
  }
  t.end()
})

t.test('a line of JSON stays JSON', (t) => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom('cookie', 'authorization', 'token', 'msg'), fc.string(), (value, key, text) => {
    const line = JSON.stringify({ [key]: value, text: `?token=${text}`, quoted: JSON.stringify({ token: text, value }), after: 'here' })
    return JSON.parse(redactLine(line)).after === 'here'
  }))
  t.pass()
  t.end()
})

t.test('a hostile line costs time in proportion to its length', (t) => {
  const hostile = (length: number) => [
    '?' + 'token'.repeat(length / 5), '?token'.repeat(length / 6), 'eyJ-'.repeat(length / 4), 'bearer '.repeat(length / 7),
    'eyJaaaaaaaa.' + 'a'.repeat(length), '\\"'.repeat(length / 2), '&session'.repeat(length / 8),
    '?token='.repeat(length / 7), '"token":"'.repeat(length / 9), '"token":"' + '\\\\'.repeat(length / 2), '?' + '%74'.repeat(length / 3), 'bearer' + '+'.repeat(length), '?a='.repeat(length / 3),
    '%3fa%3d'.repeat(length / 7), '%3ftoken%3d'.repeat(length / 11), '"token":['.repeat(length / 9), '/invite/'.repeat(length / 8),
    '/get-invitation?'.repeat(length / 16), '/reset-password'.repeat(length / 15), '"token","cookie",'.repeat(length / 17)
  ].map((text) => JSON.stringify({ cookie: [text], url: text, authorization: text }))
  const cost = (length: number) => {
    const lines = hostile(length)
    const before = process.cpuUsage()
    for (const line of lines) redactLine(line)
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  cost(16_384)
  // Sixteen times the length: quadratic work would be 256 times as much, whatever else the machine does.
  t.ok(cost(1_048_576) < 100 * cost(65_536))
  t.end()
})
