// The published examples, as data: RFC 7515 appendix A and RFC 8037 appendix A.
import t from 'tap'
import { createPrivateKey, sign } from 'node:crypto'
import { parseClaimRules } from '../../lib/token/claims.js'
import { createKeySetFamily } from '../../lib/token/family.js'
import type { TokenFamily } from '../../lib/token/family.js'
import { createKeyRing } from '../../lib/token/key-ring.js'
import { readPublishedKeys } from '../../lib/token/published-keys.js'
import { createHs256Key } from '../../lib/token/verification-key.js'
import { createVerifier } from '../../lib/token/verifier.js'
import { encode } from '../fixtures/tokens.js'

const payload = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
const exp = 1300819380
// The examples name nobody but their issuer; as an option this claim would be refused.
const rules = { ...parseClaimRules({}, 'keySet'), userIdClaim: 'iss' }

function published (...keys: unknown[]): TokenFamily {
  const ring = createKeyRing(readPublishedKeys(keys))
  return createKeySetFamily({
    keysFor (header) {
      const key = ring.find(header)
      return key === undefined ? [] : [key]
    },
    isFresh: () => true,
    close () {}
  }, rules)
}

const hs256: TokenFamily = {
  algorithms: new Set(['HS256']),
  types: new Set(['jwt']),
  rules,
  keysFor: () => [createHs256Key(Buffer.from('AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow', 'base64url'))],
  isFresh: () => true
}
const rsaKey = {
  kty: 'RSA',
  n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB'
}
const p256Key = { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' }
const p521Key = {
  kty: 'EC',
  crv: 'P-521',
  x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
  y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2'
}
const ed25519Key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

const examples: Array<[string, TokenFamily, string]> = [
  ['RFC 7515 A.1, HS256', hs256, `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`],
  ['RFC 7515 A.2, RS256', published(rsaKey), `eyJhbGciOiJSUzI1NiJ9.${payload}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw`],
  ['RFC 7515 A.3, ES256', published(p256Key), `eyJhbGciOiJFUzI1NiJ9.${payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`]
]
for (const [name, family, token] of examples) {
  t.test(`${name}: good in its day, expired at its exp`, async (t) => {
    const verify = createVerifier([family])
    t.equal((await verify(token, exp * 1000 - 1)).verified.userId, 'joe')
    t.throws(() => verify(token, exp * 1000), { code: 'FAI_TOKEN_EXPIRED' })
    const forged = token.replace(payload, encode({ iss: 'eve', exp }))
    t.throws(() => verify(forged, exp * 1000 - 1), { code: 'FAI_INVALID_TOKEN', reason: 'signature' })
  })
}

const notApiTokens: Array<[string, TokenFamily, string, string]> = [
  ['RFC 7515 A.4, ES512 over plain text', published(p521Key), 'eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn', 'payload_malformed'],
  ['RFC 7515 A.5, unsecured', hs256, `eyJhbGciOiJub25lIn0.${payload}.`, 'malformed'],
  ['RFC 7515 A.5 with a signature', hs256, `eyJhbGciOiJub25lIn0.${payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`, 'alg'],
  ['RFC 8037 A.4, Ed25519 over plain text', published(ed25519Key), 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg', 'payload_malformed']
]
for (const [name, family, token, reason] of notApiTokens) {
  t.test(`${name}: refused`, async (t) => {
    t.throws(() => createVerifier([family])(token, 0), { code: 'FAI_INVALID_TOKEN', reason })
  })
}

t.test('RFC 8037 A.1 and A.2: what the private key signs the published one verifies', async (t) => {
  const privateKey = createPrivateKey({ key: { ...ed25519Key, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }, format: 'jwk' })
  const plain = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
  t.equal(sign(null, Buffer.from(plain), privateKey).toString('base64url'), 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg')
  const input = `eyJhbGciOiJFZERTQSJ9.${payload}`
  const token = `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
  t.equal((await createVerifier([published(ed25519Key)])(token, exp * 1000 - 1)).verified.userId, 'joe')
})
