import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { CteDeclared, Fragment, isWord, OwnerIsMe, Sealed, sealedChunks, Slice, Target } from '../../lib/scope/chunks.js'
import { mockScope } from '../fixtures/mock-scope.js'
import { notes } from '../fixtures/task-schema.js'

t.test('a sealed statement opens for the dialect that built it, and for no other', async (t) => {
  const [mine, other] = [{}, {}]
  const statement = sql`select 1`
  const sealed = new Sealed(mine, statement, true)
  t.equal(sealed.openFor(mine), statement)
  t.equal(sealed.writes, true)
  t.throws(() => sealed.openFor(other), errors.ForeignBuilder)
  t.same(Object.keys(sealed), ['writes'], 'the statement itself is private')
})

t.test('no other dialect renders a chunk of the scope', async (t) => {
  const chunks = [
    new Sealed({}, sql`select 1`, false), new Fragment('x'), new Slice(undefined, 'notes', 'n', notes.userId), new Target('app', 'notes'),
    new OwnerIsMe('notes', notes.userId), new CteDeclared('x', sql`select 1`)
  ]
  for (const chunk of chunks) t.throws(() => new PgDialect().sqlToQuery(sql`${chunk}`), errors.ForeignBuilder)
})

t.test('chunks keep what they are made of', async (t) => {
  t.match(new Fragment('x'), { piece: 'x', place: 'expression' })
  t.match(new Fragment('x', 'list'), { place: 'list' })
  t.match(new Slice('app', 'notes', 'n', null), { schema: 'app', name: 'notes', alias: 'n', owner: null })
  t.match(new Target('app', 'notes'), { schema: 'app', name: 'notes' })
  t.match(new OwnerIsMe('notes', notes.userId), { table: 'notes', owner: notes.userId })
  t.match(new CteDeclared('x', sql`1`), { alias: 'x' })
})

t.test('a statement is sealed when it is one sealed chunk and nothing beside it', async (t) => {
  for (const statement of [sql``, sql`1`, sql`${sql`1`}`]) t.throws(() => sealedChunks(statement), errors.ForeignBuilder)
  const sealed = mockScope('A').db.select().from(notes).getSQL()
  t.equal(sealedChunks(sealed)[0], sealed.queryChunks[0])
  t.throws(() => sealedChunks(sealed.append(sql`1`)), errors.ForeignBuilder)
})

t.test('a word is a piece that is nothing but it', async (t) => {
  t.ok(isWord(sql` Default `, 'default'))
  t.notOk(isWord(sql`defaults`, 'default'))
  t.notOk(isWord(sql`*`, undefined))
  t.notOk(isWord('*', '*'))
  t.notOk(isWord(sql`${'*'}`, '*'))
  t.notOk(isWord(sql`${notes.id}`, '*'))
  t.notOk(isWord(sql.join([notes.id]), '*'))
})
