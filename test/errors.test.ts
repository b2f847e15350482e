import t from 'tap'
import { AuthIntegrationError, errors, errorTable } from '../lib/errors.js'

t.test('each row of the table is a class that carries its code and status', async (t) => {
  for (const [name, entry] of Object.entries(errorTable)) {
    const error = new errors[name as keyof typeof errors]()
    t.ok(error instanceof AuthIntegrationError, `${name} extends the base class`)
    t.match(error, { name, code: entry.code, statusCode: entry.status })
  }
})

t.test('codes are unique and carry the prefix', async (t) => {
  const codes = Object.values(errorTable).map((entry) => entry.code)
  t.equal(new Set(codes).size, codes.length)
  t.ok(codes.every((code) => code.startsWith('FAI_')))
})

t.test('a message for the log does not reach the client where the table has a detail', async (t) => {
  const error = new errors.UnownedTable('The table "plans" has no column "user_id"')
  t.equal(error.message, 'The table "plans" has no column "user_id"')
  t.equal(error.detail, 'Internal Server Error')
})

t.test('a message is what the client reads where the table has no detail', async (t) => {
  const error = new errors.InvalidTimestamp('"created_at" takes a Date, got "now"')
  t.equal(error.detail, '"created_at" takes a Date, got "now"')
})

t.test('the message of a refusal is what the client may read, and the exact cause is the reason', async (t) => {
  for (const [name, { status, detail, meaning }] of Object.entries(errorTable)) {
    if (status === 500 || detail === null) continue
    const Refusal = errors[name as keyof typeof errors]
    t.match(new Refusal(), { message: detail, reason: meaning }, `${name} by itself`)
    t.match(new Refusal('which owner'), { message: detail, reason: 'which owner' }, `${name} with a sentence for the log`)
    t.match(new Refusal('which owner', { reason: 'owner' }), { message: detail, reason: 'owner' }, `${name} with a reason`)
  }
})

t.test('a class is named as the table names it, also in its stack', async (t) => {
  const error = new errors.NotFound()
  t.equal(error.name, 'NotFound')
  t.equal(errors.NotFound.name, 'NotFound')
  t.ok(error instanceof errors.NotFound)
  t.notOk(error instanceof errors.Forbidden)
})

t.test('reason, headers and cause are kept when given and absent when not', async (t) => {
  const cause = new Error('underneath')
  const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
  const error = new errors.InvalidToken(undefined, { reason: 'signature', headers, cause })
  t.match(error, { reason: 'signature', headers, cause })

  const bare = new errors.UnownedTable()
  t.match(bare, { reason: undefined, headers: undefined, cause: undefined })
})
