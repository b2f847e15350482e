import t from 'tap'
import authIntegration from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing/test-issuer.js'
import Fastify from 'fastify'

t.test('the tokens of both families are taken by an app that trusts the issuer', async (t) => {
  const issuer = await createTestIssuer()
  t.teardown(() => issuer.close())
  for (const [family, options] of [['secret', { secret: issuer.secret }], ['jwks', { jwks: issuer.jwksUrl }]] as const) {
    const app = Fastify()
    await app.register(authIntegration, { ...options, cors: false })
    app.get('/me', async (request) => request.userId)
    const status = async (token: string): Promise<number> => (await app.inject({ url: '/me', headers: { authorization: `Bearer ${token}` } })).statusCode
    t.equal(await status(issuer.token('alice', { family })), 200, family)
    t.equal(await status(issuer.token('alice', { family, expiresIn: -1 })), 401, family)
    t.equal(await status(issuer.token('alice', { family, claims: { exp: undefined } })), 401, family)
    t.equal(await status(issuer.token('alice', { family, header: { typ: 'other' } })), 401, family)
  }
  t.equal(issuer.fetches > 0, true)
})

t.test('a secret can be given', async (t) => {
  const issuer = await createTestIssuer({ secret: 'a secret for tests of thirty-two bytes' })
  t.teardown(() => issuer.close())
  t.equal(issuer.secret, 'a secret for tests of thirty-two bytes')
})

t.test('the key set rotates, fails in each way and recovers', async (t) => {
  const issuer = await createTestIssuer()
  t.teardown(() => issuer.close())
  const kids = async (): Promise<string[]> => (await (await fetch(issuer.jwksUrl)).json() as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  const [first] = await kids()
  issuer.rotate({ keep: true })
  const [second, kept] = await kids()
  t.equal(kept, first)
  issuer.rotate()
  const last = await kids()
  t.equal(last.length, 1)
  t.notOk(last.includes(second as string))
  issuer.fail()
  t.equal((await fetch(issuer.jwksUrl)).status, 500)
  issuer.fail('garbage')
  await t.rejects(kids())
  issuer.fail('hang')
  const given = new AbortController()
  const hanging = fetch(issuer.jwksUrl, { signal: given.signal })
  while (issuer.fetches < 6) await new Promise(setImmediate)
  given.abort()
  await t.rejects(hanging)
  issuer.recover()
  t.same(await kids(), last)
  t.equal(issuer.fetches, 7)
})
