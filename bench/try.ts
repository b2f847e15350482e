import postgres from 'postgres'
import { drizzle } from 'drizzle-orm/postgres-js'
import { and, desc, eq } from 'drizzle-orm'
import { startServer } from '../test/fixtures/postgres-server.js'
import { createTables, schema, tasks } from '../test/fixtures/task-schema.js'
import { userScope } from '../lib/repository/scope.js'

const server = await startServer({})
const client = postgres(server.url, { max: 10, onnotice: () => {} })
const raw = postgres(server.url, { max: 10, onnotice: () => {} })
const db = drizzle(client, { schema })
await client.unsafe(createTables)
await client.unsafe("insert into tasks (user_id, title, created_at, updated_at) select 'u' || (i % 100), 'task ' || i, now(), now() from generate_series(1, 10000) i; analyze")
const users = Array.from({ length: 100 }, (_, i) => 'u' + i)
const ids = await raw`select id, user_id from tasks order by id limit 1000`
const pick = (i: number) => ids[i % 1000] as unknown as { id: number, user_id: string }
const cases: Record<string, (i: number) => Promise<unknown>> = {
  'byId repo': (i) => { const r = pick(i); return userScope(db, r.user_id).repository(tasks).findById(r.id) },
  'byId drizzle': (i) => { const r = pick(i); return db.select().from(tasks).where(and(eq(tasks.userId, r.user_id), eq(tasks.id, r.id))) },
  'byId postgres': (i) => { const r = pick(i); return raw`select * from tasks where user_id = ${r.user_id} and id = ${r.id}` },
  'byId builder': (i) => { const r = pick(i); return userScope(db, r.user_id).db.select().from(tasks).where(eq(tasks.id, r.id)) },
  'list repo': (i) => userScope(db, users[i % 100]!).repository(tasks).findMany({ limit: 20, orderBy: desc(tasks.id) }),
  'list drizzle': (i) => db.select().from(tasks).where(eq(tasks.userId, users[i % 100]!)).orderBy(desc(tasks.id)).limit(20),
  'list postgres': (i) => raw`select * from tasks where user_id = ${users[i % 100]!} order by id desc limit 20`,
  'list builder': (i) => userScope(db, users[i % 100]!).db.select().from(tasks).orderBy(desc(tasks.id)).limit(20)
}
async function run (f: (i: number) => Promise<unknown>, n: number): Promise<number> {
  let next = 0
  const start = process.hrtime.bigint()
  await Promise.all(Array.from({ length: 20 }, async () => { while (next < n) await f(next++) }))
  return n / (Number(process.hrtime.bigint() - start) / 1e9)
}
const results: Record<string, number[]> = {}
const only = process.argv[2]
for (let round = 0; round < 4; round++) for (const [name, f] of Object.entries(cases)) {
  if (only !== undefined && !name.includes(only)) continue
  const rate = await run(f, name.startsWith('byId') ? 6000 : 3000)
  if (round > 0) (results[name] ??= []).push(rate)
}
for (const [name, rates] of Object.entries(results)) console.log(name.padEnd(16), Math.round(rates.sort((a, b) => a - b)[1]!))
await client.end(); await raw.end(); await server.remove()
