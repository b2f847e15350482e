import { inspect } from 'node:util'
import t from 'tap'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { withoutQuotedValues, withoutValues } from '../../lib/internal/without-values.js'

const secret = 'hunter2'

/** Everything that an error holds, as a logger with any serializer could write it. */
function everything (error: unknown): string {
  return inspect(error, { showHidden: true, depth: 20 }) + JSON.stringify(error)
}

function serverError (code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, severity: 'ERROR', ...more })
}

const duplicate = (): Error => serverError('23505', 'duplicate key value violates unique constraint "users_email_key"', {
  detail: `Key (email)=(${secret}) already exists.`, table: 'users', constraint: 'users_email_key'
})

t.test('of Drizzle\'s error the statement and the number of values stay', async (t) => {
  const error = new DrizzleQueryError('insert into "users" ("email", "note") values ($1, $2)', [secret, 'b, c'], duplicate())
  const clean = withoutValues(error)
  t.type(clean, DrizzleQueryError)
  t.equal(clean.message, 'Failed query: insert into "users" ("email", "note") values ($1, $2) (2 values)')
  t.equal(clean.query, error.query)
  t.match(clean.stack, /\n {4}at .*without-values\.test/)
  t.match(clean.cause, { code: '23505', table: 'users', constraint: 'users_email_key' })
  t.notMatch(everything(clean), secret)
  t.match(everything(error), secret, 'the error that was thrown is as it was')
})

t.test('an error that wraps another, and quotes it, quotes no value of it', async (t) => {
  const inner = new DrizzleQueryError('select 1 where $1', [secret], duplicate())
  const outer = Object.assign(new Error(`Saving failed: ${inner.message}`, { cause: inner }), { statusCode: 400 })
  const clean = withoutValues(outer)
  t.equal(clean.message, 'Saving failed: Failed query: select 1 where $1 (1 value)')
  t.equal(clean.statusCode, 400)
  t.notMatch(everything(clean), secret)
})

t.test('what PostgreSQL quotes of a row, a parameter or a value is left out', async (t) => {
  for (const error of [
    duplicate(),
    serverError('23502', 'null value in column "a" violates not-null constraint', { detail: `Failing row contains (1, ${secret}, null).` }),
    serverError('22P02', `invalid input syntax for type uuid: "${secret} "x" y"`, { where: `unnamed portal parameter $1 = '${secret}'` }),
    serverError('22003', `value "${secret}" is out of range for type integer`),
    serverError('22P02', `syntaxe en entrée invalide pour le type uuid : « ${secret} »`),
    serverError('22P02', `ungültige Eingabesyntax für Typ uuid: „${secret}“`)
  ]) t.notMatch(everything(withoutValues(error)), secret, error.message)
})

t.test('names in PostgreSQL\'s messages stay', async (t) => {
  t.equal(withoutValues(duplicate()).message, 'duplicate key value violates unique constraint "users_email_key"')
  t.equal(withoutValues(serverError('42703', 'column "nope" does not exist')).message, 'column "nope" does not exist')
})

t.test('parameters that a driver adds in its debug mode are counted', async (t) => {
  const clean = withoutValues(serverError('42601', 'syntax error', { query: 'selec $1', parameters: [secret], args: [secret, 1] }))
  t.match(clean, { query: 'selec $1', parameters: '1 value', args: '2 values' })
  t.notMatch(everything(clean), secret)
})

t.test('each error of an aggregate is cleaned', async (t) => {
  t.notMatch(everything(withoutValues(new AggregateError([duplicate(), new Error('x')], 'all failed'))), secret)
})

t.test('a stack that does not begin with the message keeps its frames alone', async (t) => {
  const error = duplicate()
  error.message = `invalid input syntax for type uuid: "${secret}"`
  error.stack = `elsewhere: ${secret}\n    at run (app.js:1:2)`
  t.match(withoutValues(error).stack, /\n {4}at run/)
  t.notMatch(withoutValues(error).stack, secret)
})

t.test('an error without values is returned itself, and so is what is no error', async (t) => {
  for (const thrown of [new Error('x', { cause: new TypeError('y') }), 'text', null, undefined, 7, { a: 1 }]) t.equal(withoutValues(thrown), thrown)
})

t.test('a text that quotes such an error loses its values, and nothing else', async (t) => {
  for (const [text, clean] of [
    [`Failed query: select $1\nparams: ${secret},b\nc`, 'Failed query: select $1\nparams: [redacted]'],
    [`Error: Failed query: select $1\nparams: ${secret}\n    at run (app.js:1:2)`, 'Error: Failed query: select $1\nparams: [redacted]'],
    ['Failed query: select $1 (2 values)\n    at run', 'Failed query: select $1 (2 values)\n    at run'],
    [`Key (a, lower(b))=(1, ${secret}) already exists.`, 'Key (a, lower(b))=([redacted]) already exists.'],
    [`Key (user_id)=(${secret}) is not present in table "users".`, 'Key (user_id)=([redacted]) is not present in table "users".'],
    [`conflicting: Key (r)=(${secret}) conflicts with existing key (r)=(${secret}).`, 'conflicting: Key (r)=([redacted]) conflicts with existing key (r)=([redacted]).'],
    [`invalid input value for enum mood: "${secret}"`, 'invalid input value for enum mood: "[redacted]"'],
    [`date/time field value out of range: "${secret}"`, 'date/time field value out of range: "[redacted]"'],
    [`"at" takes a Date, got the string "${secret} \\" x": use new Date("${secret}")`, '"at" takes a Date, got the string "[redacted]": use new Date("[redacted]")'],
    ['The params: a, b are fine, and Key (a)=b', 'The params: a, b are fine, and Key (a)=b']
  ] as const) t.equal(withoutQuotedValues(text), clean)
})

t.test('a hostile text costs time in proportion to its length', async (t) => {
  const hostile = (length: number) => ['Failed query: ', '\nparams: ', 'key (a)=(', 'key (', 'value "', 'invalid input syntax for type ', 'Failing row contains (']
    .map((text) => text.repeat(length / text.length))
  const cost = (length: number) => {
    const texts = hostile(length)
    const before = process.cpuUsage()
    for (const text of texts) withoutQuotedValues(text)
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  cost(16_384)
  t.ok(cost(1_048_576) < 100 * cost(65_536))
})
