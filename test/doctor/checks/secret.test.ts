import t from 'tap'
import { secret } from '../../../lib/doctor/checks/secret.js'
import { examined } from '../../fixtures/examined.js'
import { retiredSecret, secret as good } from '../../fixtures/tokens.js'

const look = (env: NodeJS.ProcessEnv, jwks?: string) => secret(examined({ env, jwks }))

t.test('a missing, short, blank or published secret is an error', async (t) => {
  t.match(look({}), [
    { severity: 'error', place: 'BETTER_AUTH_SECRET', problem: /nothing to verify tokens with/, edit: /openssl rand/ }
  ])
  t.match(look({ BETTER_AUTH_SECRET: 'short' }), [{ severity: 'error', problem: /has 5 bytes/ }])
  t.match(look({ BETTER_AUTH_SECRET: ' '.repeat(40) }), [{ severity: 'error', problem: /is blank/ }])
  t.match(look({ BETTER_AUTH_SECRET: 'better-auth-secret-12345678901234567890' }), [
    { severity: 'error', problem: /published development default/ }
  ])
  t.match(look({ BETTER_AUTH_SECRETS: '2:short' }), [{ severity: 'error', place: 'BETTER_AUTH_SECRETS' }])
})

t.test('a secret made up by a person is a warning, and is never printed', async (t) => {
  for (const weak of [
    'a'.repeat(40),
    '12'.repeat(20),
    'my-super-secret-that-is-long-enough-123',
    'change_me_before_you_go_to_production!',
    'kX9pQz7Lw4Rt'.repeat(3)
  ]) {
    const found = look({ BETTER_AUTH_SECRET: weak })
    t.match(found, [{ severity: 'warning', problem: /does not look random/ }], weak)
    t.notMatch(JSON.stringify(found), weak)
  }
  t.match(look({ BETTER_AUTH_SECRETS: `2:${good},1:${'b'.repeat(40)}` }), [
    { severity: 'warning', problem: /^Entry 2 / }
  ])
})

t.test('random secrets and key sets are left in silence', async (t) => {
  for (const fine of [good, retiredSecret, '9f86d081884c7d659a2feaa0c55ad015', 'qZ3v8sB1,kT5nW7xR2mJ9yL4hC6dF0gPaE']) { t.strictSame(look({ BETTER_AUTH_SECRET: fine }), [], fine) }
  t.strictSame(look({ BETTER_AUTH_SECRETS: `2:${good},1:${retiredSecret}` }), [])
  t.strictSame(look({}, 'https://auth.example.app/api/auth/jwks'), [])
})

t.test('a key set that is not https is an error', async (t) => {
  t.match(look({}, 'http://auth.example.app/jwks'), [{ severity: 'error', place: '--jwks', problem: /https/ }])
})
