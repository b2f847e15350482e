import t from 'tap'
import { StatementNames } from '../../lib/scope/statement-names.js'

t.test('a text has a name from the second time it is seen', async (t) => {
  const statements = new StatementNames(true)
  t.equal(statements.nameOf('select 1'), undefined)
  const name = statements.nameOf('select 1')
  t.match(name, /^scoped_[\w-]{43}$/)
  t.equal(statements.nameOf('select 1'), name)
  t.equal(statements.nameNow('select 1'), name)
})

t.test('a text that comes back for sure has a name at once, the same in every scope', async (t) => {
  const name = new StatementNames(true).nameNow('select 1')
  t.equal(new StatementNames(true).nameNow('select 1'), name)
  t.not(new StatementNames(true).nameNow('select 2'), name)
})

t.test('without prepared statements there are no names', async (t) => {
  const statements = new StatementNames(false)
  for (let times = 0; times < 3; times++) t.equal(statements.nameOf('select 1'), undefined)
  t.equal(statements.nameNow('select 1'), undefined)
})

t.test('of texts seen once the last thousand are remembered', async (t) => {
  const statements = new StatementNames(true)
  for (let n = 0; n <= 1000; n++) statements.nameOf(`select ${n}`)
  t.equal(statements.nameOf('select 0'), undefined, 'the first has made room')
  t.ok(statements.nameOf('select 2'))
  t.ok(statements.nameOf('select 1000'))
})

t.test('after a thousand names there are no more', async (t) => {
  const statements = new StatementNames(true)
  const first = statements.nameNow('select 0')
  for (let n = 1; n < 1000; n++) t.ok(statements.nameNow(`select ${n}`))
  t.equal(statements.nameNow('select 1000'), undefined)
  for (let times = 0; times < 3; times++) t.equal(statements.nameOf('select 1001'), undefined)
  t.equal(statements.nameNow('select 0'), first)
  t.equal(statements.nameOf('select 0'), first)
})
