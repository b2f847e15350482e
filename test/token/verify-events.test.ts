import t from 'tap'
import diagnostics from 'node:diagnostics_channel'
import type { FastifyRequest } from 'fastify'
import type { Test } from 'tap'
import { invalidToken, keySetUnavailable, missingToken, revocationUnavailable, tokenExpired, tokenRevoked } from '../../lib/token/challenge.js'
import { withVerifyEvents } from '../../lib/token/verify-events.js'
import type { VerifyEvent } from '../../lib/token/verify-events.js'

const request = {} as FastifyRequest
const verified = { userId: 'ada', claims: { exp: 1 }, scopes: [], isAccessToken: false }

function listen (t: Test): VerifyEvent[] {
  const events: VerifyEvent[] = []
  const listener = (event: unknown): void => { events.push(event as VerifyEvent) }
  diagnostics.subscribe('fastify-auth-integration:verify', listener)
  t.teardown(() => diagnostics.unsubscribe('fastify-auth-integration:verify', listener))
  return events
}

t.test('without a subscriber the answer is passed on as it is', async (t) => {
  t.equal(withVerifyEvents(() => verified)(request), verified)
  t.throws(() => withVerifyEvents(() => { throw missingToken('x') })(request), { code: 'FAI_MISSING_TOKEN' })
})

t.test('a verification is told with its duration, and the answer stays as it is', async (t) => {
  const events = listen(t)
  t.equal(withVerifyEvents(() => verified)(request), verified)
  t.equal(await withVerifyEvents(async () => verified)(request), verified)
  t.match(events, [{ outcome: 'verified', reason: undefined }, { outcome: 'verified', reason: undefined }])
  t.ok(events.every(({ duration }) => duration >= 0))
  t.strictSame(Object.keys(events[0]!).sort(), ['duration', 'outcome', 'reason'])
})

const failures: Array<[unknown, string, string | undefined]> = [
  [missingToken('no_authorization'), 'missing', 'no_authorization'],
  [tokenExpired(), 'expired', 'expired'],
  [invalidToken('signature'), 'invalid', 'signature'],
  [tokenRevoked(), 'revoked', 'revoked'],
  [keySetUnavailable('key_set_unavailable', 1), 'unavailable', 'key_set_unavailable'],
  [revocationUnavailable('revocation_timeout'), 'unavailable', 'revocation_timeout'],
  [new Error('boom'), 'failed', undefined]
]
for (const [error, outcome, reason] of failures) {
  t.test(`${String(error)} is told as ${outcome}`, async (t) => {
    const events = listen(t)
    t.throws(() => withVerifyEvents(() => { throw error })(request), error as Error)
    await t.rejects(async () => await withVerifyEvents(async () => { throw error })(request), error as Error)
    t.match(events, [{ outcome, reason }, { outcome, reason }])
  })
}
