import { PgDialect } from 'drizzle-orm/pg-core'
import t from 'tap'
import { drizzle, expectShape } from '../../lib/drizzle/version.js'

t.test('the installed Drizzle is known', async (t) => {
  t.equal(drizzle.name, '0.45')
  t.doesNotThrow(() => expectShape(drizzle))
})

t.test('another one is refused with what is not there, so that nothing is rendered past the scope', async (t) => {
  const sentence = (missing: string): string => {
    return `The drizzle-orm that is installed is not one fastify-auth-integration knows (${missing} is not as in 0.45): install drizzle-orm 0.45`
  }
  t.throws(() => expectShape({ ...drizzle, classes: { ...drizzle.classes, Update: undefined as never } }), { message: sentence('Update') })
  for (const method of ['buildFromTable', 'buildJoins', 'sqlToQuery']) {
    const dialect = Object.create(PgDialect.prototype, { [method]: { value: undefined } }) as object
    t.throws(() => expectShape(drizzle, dialect), { message: sentence(method) })
  }
  for (const textOf of [() => 'other', () => { throw new TypeError('value.join is not a function') }]) {
    t.throws(() => expectShape({ ...drizzle, textOf }), { message: sentence('StringChunk') })
  }
})
