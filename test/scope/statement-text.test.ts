import { Placeholder } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import t from 'tap'
import { parameterStandIn, subqueryStandIn, valueStandIn } from '../../lib/scope/fragments.js'
import { StatementText, type TextDialect } from '../../lib/scope/statement-text.js'

const create = () => new StatementText(Object.assign(new PgDialect(), { toDriver: (value: unknown) => `sent ${String(value)}` }) as unknown as TextDialect)

t.test('values become parameters, as the driver takes them', async (t) => {
  const statement = create()
  statement.write('a = ')
  statement.bind(1)
  statement.write(' and b = ')
  statement.bind('x')
  t.equal(statement.text, 'a = $1 and b = $2')
  t.strictSame(statement.params, ['sent 1', 'sent x'])
})

t.test('a fragment is judged with stand-ins for its values and sub-queries, and nothing of what is around or inside them', async (t) => {
  const statement = create()
  statement.write('select 1 where ')
  const { judged } = statement.asFragment(() => {
    statement.write('a = ')
    statement.bind('; drop table a')
    statement.write(' or b in ')
    statement.asStatement(() => {
      statement.write('select b where ')
      t.equal(statement.asFragment(() => { statement.write('c') }).judged, 'c')
    })
    statement.write(' or d = ')
    statement.sendLater(new Placeholder('d'), (value) => value)
  })
  t.equal(judged, `a = ${valueStandIn} or b in ${subqueryStandIn} or d = ${parameterStandIn}`)
  t.equal(statement.text, 'select 1 where a = $1 or b in (select b where c) or d = $2')
})

t.test('what a fragment wrote can be replaced, and nothing before it', async (t) => {
  const statement = create()
  statement.write('where ')
  statement.asFragment(() => { statement.write('a') }).replace((text) => `(${text})`)
  t.equal(statement.text, 'where (a)')
})

t.test('values are inlined where that is asked for, not in a statement of its own, and never those that come later', async (t) => {
  const statement = create()
  statement.asInlined(true, () => {
    statement.bind("it's")
    statement.asInlined(false, () => { statement.bind(2) })
    statement.asStatement(() => { statement.bind(3) })
    statement.sendLater(new Placeholder('d'), (value) => value)
  })
  statement.bind(4)
  t.equal(statement.text, "'it''s'2$1$2$3")
  t.equal(statement.params.length, 3)
})
