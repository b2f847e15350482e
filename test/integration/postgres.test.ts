import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { startOwnPostgres, startPostgres } from '../fixtures/postgres.js'

const connect = (t: Test, url: string) => {
  const sql = postgresJs(url, { max: 1, onnotice: () => {} })
  // Without a limit it waits for ever for a connection that was lost while it was written to.
  t.teardown(() => sql.end({ timeout: 0 }))
  return sql
}

t.test('a test gets an empty UTF-8 database of its own, and more when it asks', async (t) => {
  const postgres = await startPostgres(t)
  const urls = [postgres.url, await postgres.createDatabase()]
  t.not(urls[0], urls[1])
  for (const url of urls) {
    const sql = connect(t, url)
    const [row] = await sql`select current_setting('server_encoding') encoding, (select count(*)::int from pg_tables where schemaname = 'public') tables`
    t.match(row, { encoding: 'UTF8', tables: 0 })
  }
})

t.test('a database is empty for the next test, whatever the last one left in it and whoever was connected', async (t) => {
  const taken: string[] = []
  for (const turn of ['first', 'second']) {
    let left: ReturnType<typeof postgresJs> | undefined
    await t.test(turn, async (t) => {
      const { url } = await startPostgres(t)
      taken.push(url)
      const sql = left = postgresJs(url, { max: 1 })
      t.strictSame([...await sql`select nspname from pg_namespace where nspname in ('public', 'left')`], [{ nspname: 'public' }])
      await sql.unsafe('create table things (id int); create schema "left"; create view "left".seen as select * from things; begin; lock table things')
    })
    await left!.end({ timeout: 0 })
  }
  t.equal(taken[0], taken[1], 'the same database')
})

t.test('an own server takes settings, stops, starts, dies and comes back on the same URL', async (t) => {
  const { server, url } = await startOwnPostgres(t, { max_connections: 7 })
  const ask = async () => {
    const sql = postgresJs(url, { max: 1, onnotice: () => {} })
    try {
      return (await sql`show max_connections`)[0]?.max_connections
    } finally {
      await sql.end()
    }
  }
  t.equal(await ask(), '7')
  await server.stop()
  await t.rejects(ask(), { code: 'ECONNREFUSED' })
  await server.start()
  t.equal(await ask(), '7')
  await server.restart()
  t.equal(await ask(), '7')
  await server.kill()
  await t.rejects(ask(), { code: 'ECONNREFUSED' })
  await server.start()
  t.equal(await ask(), '7')
})

t.test('a killed server has no session left that would take one more statement', async (t) => {
  const { server, url } = await startOwnPostgres(t)
  const sql = connect(t, url)
  await sql`select 1`
  const atWork = sql`select sum(n) from generate_series(1, 2000000) n`.execute()
  const observer = connect(t, url)
  const active = () => observer`select from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like '%generate_series%'`
  while ((await active()).length === 0);
  await server.kill()
  await t.rejects(sql`select 1`)
  await Promise.allSettled([atWork])
})
