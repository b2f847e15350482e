import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { CteDeclaration, Fragment, OwnerPredicate, BuiltStatement, builtStatementOf, ScopedTable, TargetTable } from '../../lib/scope/chunks.js'
import type { Owner } from '../../lib/scope/owners.js'
import { mockScope } from '../fixtures/mock-scope.js'
import { notes } from '../fixtures/task-schema.js'

const owner: Owner = { column: notes.userId, key: 'userId', of: 'user' }

t.test('a built statement opens for the dialect that built it, and for no other', async (t) => {
  const [own, other] = [{}, {}]
  const statement = sql`select 1`
  const built = new BuiltStatement(own, statement, true)
  t.equal(built.sqlFor(own), statement)
  t.equal(built.writes, true)
  t.throws(() => built.sqlFor(other), errors.ForeignBuilder)
  t.same(Object.keys(built), ['writes', 'relations'], 'the statement itself is private')
})

t.test('no other dialect renders a chunk of the scope', async (t) => {
  const chunks = [
    new BuiltStatement({}, sql`select 1`, false), new Fragment('x'), new ScopedTable(undefined, 'notes', 'n', [owner]), new TargetTable('app', 'notes'),
    new OwnerPredicate('notes', [owner]), new CteDeclaration('x', sql`select 1`)
  ]
  for (const chunk of chunks) t.throws(() => new PgDialect().sqlToQuery(sql`${chunk}`), errors.ForeignBuilder)
})

t.test('chunks keep what they are made of', async (t) => {
  t.match(new Fragment('x'), { piece: 'x', place: 'expression' })
  t.match(new Fragment('x', 'list'), { place: 'list' })
  t.match(new ScopedTable('app', 'notes', 'n', []), { schema: 'app', name: 'notes', alias: 'n', owners: [] })
  t.match(new TargetTable('app', 'notes'), { schema: 'app', name: 'notes' })
  t.match(new OwnerPredicate('notes', [owner]), { table: 'notes', owners: [owner] })
  t.match(new CteDeclaration('x', sql`1`), { alias: 'x' })
})

t.test('SQL is a built statement when it is that one chunk and nothing beside it', async (t) => {
  for (const statement of [sql``, sql`1`, sql`${sql`1`}`]) t.throws(() => builtStatementOf(statement), errors.ForeignBuilder)
  const statement = mockScope('A').db.select().from(notes).getSQL()
  t.equal(builtStatementOf(statement), statement.queryChunks[0])
  t.throws(() => builtStatementOf(statement.append(sql`1`)), errors.ForeignBuilder)
})
