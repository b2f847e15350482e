import t from 'tap'
import type { FastifyRequest } from 'fastify'
import { authorizationValue, bearerToken } from '../../lib/token/bearer.js'

function request (authorization: unknown, rawHeaders: string[] = []): FastifyRequest {
  return { headers: { authorization }, raw: { rawHeaders } } as unknown as FastifyRequest
}

const readable: Array<[string, string, string]> = [
  ['one space', 'Bearer a.b.c', 'a.b.c'],
  ['lower case', 'bearer a.b.c', 'a.b.c'],
  ['upper case', 'BEARER a.b.c', 'a.b.c'],
  ['several spaces', 'Bearer   a.b.c', 'a.b.c'],
  ['space behind', 'Bearer a.b.c \t ', 'a.b.c'],
  ['8 KiB', `Bearer ${'a'.repeat(8192)}`, 'a'.repeat(8192)]
]
for (const [name, value, token] of readable) {
  t.test(`the token is read: ${name}`, async (t) => t.equal(bearerToken(value), token))
}

const missing: Array<[string, string]> = [
  ['Bearer', 'empty_bearer'],
  ['bearer ', 'empty_bearer'],
  ['Bearer \t  ', 'empty_bearer'],
  ['Basic YTpi', 'other_scheme'],
  ['BearerX a.b.c', 'other_scheme'],
  ['Bearer-Token a.b.c', 'other_scheme'],
  ['a.b.c', 'other_scheme'],
  ['Digest username="a", realm="b"', 'other_scheme']
]
for (const [value, reason] of missing) {
  t.test(`${JSON.stringify(value)} is no bearer token`, async (t) => {
    t.throws(() => bearerToken(value), { code: 'FAI_MISSING_TOKEN', reason })
  })
}

const malformed: Array<[string, string]> = [
  ['Bearer\ta.b.c', 'malformed_authorization'],
  ['Bearer,a.b.c', 'malformed_authorization'],
  ['Bearer:a.b.c', 'malformed_authorization'],
  ['Bearer a.b.c d', 'malformed_authorization'],
  ['Bearer a.b.c, Bearer d.e.f', 'malformed_authorization'],
  ['Bearer "a.b.c"', 'malformed_authorization'],
  ['Bearer a.b.é', 'malformed_authorization'],
  ['Bearer a\u0000b', 'malformed_authorization'],
  ['Basic YTpi, Bearer a.b.c', 'repeated_authorization'],
  [`Bearer ${'a'.repeat(8193)}`, 'too_large']
]
for (const [value, reason] of malformed) {
  t.test(`${JSON.stringify(value.slice(0, 40))} is refused`, async (t) => {
    t.throws(() => bearerToken(value), { code: 'FAI_INVALID_TOKEN', reason })
  })
}

t.test('a request without the header, or with an empty one, has no token', async (t) => {
  t.throws(() => authorizationValue(request(undefined)), { code: 'FAI_MISSING_TOKEN', reason: 'no_authorization' })
  t.throws(() => authorizationValue(request('')), { code: 'FAI_MISSING_TOKEN', reason: 'no_authorization' })
})

t.test('two headers are refused, whatever their spelling, since Node keeps the first', async (t) => {
  const rawHeaders = ['Host', 'x', 'Authorization', 'Bearer a', 'aUTHORIZATION', 'Bearer b']
  t.throws(() => authorizationValue(request('Bearer a', rawHeaders)), { code: 'FAI_INVALID_TOKEN', reason: 'repeated_authorization' })
  t.throws(() => authorizationValue(request(['Bearer a', 'Bearer b'])), { code: 'FAI_INVALID_TOKEN', reason: 'repeated_authorization' })
  t.throws(() => authorizationValue(request('', ['Authorization', '', 'Authorization', 'Bearer b'])), { code: 'FAI_INVALID_TOKEN', reason: 'repeated_authorization' })
})

t.test('a header that only looks alike does not count', async (t) => {
  const rawHeaders = ['Authorization', 'Bearer a', 'Authorizatiom', 'x', 'Proxy-Authorization', 'Basic x']
  t.equal(authorizationValue(request('Bearer a', rawHeaders)), 'Bearer a')
})

t.test('a value of a million spaces is read in linear time', async (t) => {
  const start = performance.now()
  t.throws(() => bearerToken(`Bearer ${' '.repeat(1_000_000)}x y`))
  t.ok(performance.now() - start < 1000)
})
