import { PGlite } from '@electric-sql/pglite'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/pglite'
import t from 'tap'
import { DefaultDriver, setUser } from '../../../lib/drivers/default.js'
import type { DrizzleDatabase } from '../../../lib/drizzle/contract.js'

const settingOf = { sql: "select coalesce(current_setting('app.user_id', true), '') as setting", params: [] }
const user = { sql: "select set_config('app.user_id', $1, true)", params: ['A'], name: undefined }
const asked = { query: { ...settingOf, isRepeatable: true }, fields: undefined, name: undefined, inArrays: false }

t.test('a driver that is not known is used through Drizzle alone', async (t) => {
  const client = new PGlite()
  t.teardown(() => client.close())
  const db = drizzle(client)
  const database = db as unknown as DrizzleDatabase
  const driver = new DefaultDriver(database.session)

  await t.test('a statement of a user knows the user, and the next one forgets', async (t) => {
    t.match(await driver.prepareAsUser(database.session, asked, user).execute(), { rows: [{ setting: 'A' }] })
    t.match(await driver.prepare(database.session, asked).execute(), { rows: [{ setting: '' }] })
  })

  await t.test('so does a transaction, in a savepoint too', async (t) => {
    await driver.transaction(database, async (tx, connection) => {
      await setUser(tx.session, user)
      t.match(await connection.prepare(tx.session, asked).execute(), { rows: [{ setting: 'A' }] })
      await connection.transaction(tx, async (savepoint, inner) => {
        t.match(await inner.prepare(savepoint.session, asked).execute(), { rows: [{ setting: 'A' }] })
      })
    })
    t.match(await driver.prepare(database.session, asked).execute(), { rows: [{ setting: '' }] })
  })

  await t.test('what a callback throws undoes its transaction, and a savepoint alone', async (t) => {
    await db.execute(sql`create table lines (line text)`)
    const insert = (line: string) => sql`insert into lines values (${line})`
    await t.rejects(driver.transaction(database, async (tx) => { await tx.execute(insert('undone')); throw new Error('thrown') }), { message: 'thrown' })
    await driver.transaction(database, async (tx, connection) => {
      await tx.execute(insert('kept'))
      await t.rejects(connection.transaction(tx, async (savepoint) => { await savepoint.execute(insert('undone')); throw new Error('inside') }), { message: 'inside' })
    })
    t.match((await db.execute(sql`select * from lines`)).rows, [{ line: 'kept' }])
  })
})
