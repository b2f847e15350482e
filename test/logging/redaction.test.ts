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
  t.notMatch(redactLine(JSON.stringify({ body: JSON.stringify({ token: jwt }) })), 'eyJ')
  t.strictSame(redact({ msg: 'The request carries no bearer token' }), { msg: 'The request carries no bearer token' })
  t.end()
})

t.test('a line of JSON stays JSON', (t) => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom('cookie', 'authorization', 'token', 'msg'), fc.string(), (value, key, text) => {
    const line = JSON.stringify({ [key]: value, text: `?token=${text}`, after: 'here' })
    return JSON.parse(redactLine(line)).after === 'here'
  }))
  t.pass()
  t.end()
})

t.test('a hostile line costs time in proportion to its length', (t) => {
  const hostile = (length: number) => [
    '?' + 'token'.repeat(length / 5), '?token'.repeat(length / 6), 'eyJ-'.repeat(length / 4), 'bearer '.repeat(length / 7),
    'eyJaaaaaaaa.' + 'a'.repeat(length), '\\"'.repeat(length / 2), '&session'.repeat(length / 8)
  ].map((text) => JSON.stringify({ cookie: [text], url: text, authorization: text }))
  const cost = (length: number) => {
    const lines = hostile(length)
    const begin = process.hrtime.bigint()
    for (const line of lines) redactLine(line)
    return Number(process.hrtime.bigint() - begin) / 1e6
  }
  cost(16_384)
  // Quadratic work on this much would take minutes.
  t.ok(cost(1_048_576) < 5_000)
  t.end()
})
