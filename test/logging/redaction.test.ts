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
  ['/token=plain/path', '/token=plain/path']
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
    '?token='.repeat(length / 7), '"token":"'.repeat(length / 9), '"token":"' + '\\\\'.repeat(length / 2), '?' + '%74'.repeat(length / 3), 'bearer' + '+'.repeat(length), '?a='.repeat(length / 3)
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
