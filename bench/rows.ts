import { and, desc, eq } from 'drizzle-orm'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import postgres from 'postgres'
import { userScope } from 'fastify-auth-integration'
import { fillTable, ownerOf, taskTable, type BenchDatabase } from './database.js'
import { alternate, latencies, ratio, spread, type Contenders, type Rounds, type Run, type Turn } from './measure.js'
import type { Peers, RowPeer } from './peers.js'
import type { Line } from './report.js'

const tasks = taskTable('tasks')
const policed = taskTable('policed_tasks')
const users = 100
const rows = 10_000

/** Rows in one process: calls a second with twenty in flight on ten connections, each turn of a contender on a pool of its own. */
export async function measureRows (database: BenchDatabase, peers: Peers | undefined, rounds: Rounds, tick: () => void): Promise<Line[]> {
  const setup = postgres(database.url, { max: 1, onnotice: () => {} })
  await fillTable(setup, 'tasks', rows, users)
  await fillTable(setup, 'policed_tasks', rows, users)
  await setup.unsafe(`alter table policed_tasks enable row level security; alter table policed_tasks force row level security;
    create policy user_isolation on policed_tasks using (user_id = nullif(current_setting('app.user_id', true), ''));
    grant all on all tables in schema public to public`)
  await setup.end()

  const id = (turn: number): number => 1 + turn * 7919 % rows
  const me = (turn: number): string => ownerOf(id(turn), users)
  const withClient = (calling: (client: postgres.Sql) => Turn['call']) => (): Turn => {
    const client = postgres(database.url, { max: 10 })
    return { call: calling(client), end: async () => await client.end() }
  }
  const withDrizzle = (calling: (db: PostgresJsDatabase) => Turn['call']) => withClient((client) => calling(drizzle(client)))
  const byPeer = (calling: (peer: RowPeer) => Turn['call']) => (): Turn => {
    const peer = peers!.createRowPeer(database.url)
    return { call: calling(peer), end: async () => await peer.end() }
  }
  const byId: Contenders = {
    'repository.findById': withDrizzle((db) => (turn) => userScope(db, me(turn)).repository(tasks).findById(id(turn))),
    'request.db select by id': withDrizzle((db) => (turn) => userScope(db, me(turn)).db.select().from(tasks).where(eq(tasks.id, id(turn)))),
    'hand-written Drizzle': withDrizzle((db) => (turn) => db.select().from(tasks).where(and(eq(tasks.userId, me(turn)), eq(tasks.id, id(turn))))),
    'hand-written Drizzle, prepared': withDrizzle((db) => {
      const prepared = db.select().from(tasks).where(and(eq(tasks.userId, sql.placeholder('me')), eq(tasks.id, sql.placeholder('id')))).prepare('by_id')
      return (turn) => prepared.execute({ me: me(turn), id: id(turn) })
    }),
    '`postgres` tagged template': withClient((client) => (turn) => client`select * from tasks where user_id = ${me(turn)} and id = ${id(turn)}`),
    ...(peers === undefined ? {} : { 'ZenStack with its policy plugin': byPeer((peer) => (turn) => peer.findById(me(turn), id(turn))) })
  }
  const list: Contenders = {
    'repository.findMany({ limit: 20 })': withDrizzle((db) => (turn) => userScope(db, me(turn)).repository(tasks).findMany({ limit: 20, orderBy: desc(tasks.id) })),
    'request.db select of 20': withDrizzle((db) => (turn) => userScope(db, me(turn)).db.select().from(tasks).orderBy(desc(tasks.id)).limit(20)),
    'hand-written Drizzle': withDrizzle((db) => (turn) => db.select().from(tasks).where(eq(tasks.userId, me(turn))).orderBy(desc(tasks.id)).limit(20)),
    'hand-written Drizzle, prepared': withDrizzle((db) => {
      const prepared = db.select().from(tasks).where(eq(tasks.userId, sql.placeholder('me'))).orderBy(desc(tasks.id)).limit(20).prepare('list')
      return (turn) => prepared.execute({ me: me(turn) })
    }),
    '`postgres` tagged template': withClient((client) => (turn) => client`select * from tasks where user_id = ${me(turn)} order by id desc limit 20`),
    ...(peers === undefined ? {} : { 'ZenStack with its policy plugin': byPeer((peer) => (turn) => peer.findMany(me(turn), 20)) })
  }
  await sameAnswers(byId, 1)
  await sameAnswers(list, 20)

  const one = await alternate(byId, rounds, tick)
  const many = await alternate(list, rounds, tick)
  // The driver alone is slower on connections that have worked under steady load for a while: told by itself.
  const template = '`postgres` tagged template, on connections that have worked for a while'
  const aged = await aging({ 'repository.findById': byId['repository.findById']!, [template]: byId['`postgres` tagged template']! }, rounds)
  const worn = await alternate(aged.contenders, rounds, tick)
  await aged.end()
  return [
    ...lines(worn, 'repository.findById', {}),
    ...lines(one, 'repository.findById', { 'hand-written Drizzle': 3.5, '`postgres` tagged template': 0.95 }),
    ...lines(many, 'repository.findMany({ limit: 20 })', { 'hand-written Drizzle': 2.2, '`postgres` tagged template': 0.95 }),
    ...lines(one, 'request.db select by id', { 'hand-written Drizzle': 1.6 }, ['hand-written Drizzle']),
    ...lines(many, 'request.db select of 20', { 'hand-written Drizzle': 1.6 }, ['hand-written Drizzle']),
    ...await measureRowLevelSecurity(database, rounds, tick)
  ]
}

/** Lets contenders work for sixteen turns, and go on with the same connections from turn to turn. */
async function aging (contenders: Contenders, rounds: Rounds): Promise<{ contenders: Contenders, end (): Promise<void> }> {
  const open = Object.entries(contenders).map(([name, contender]) => ({ name, turn: contender() }))
  for (const { turn } of open) await latencies(turn.call, { milliseconds: 16 * rounds.milliseconds, inFlight: rounds.inFlight })
  return {
    contenders: Object.fromEntries(open.map(({ name, turn: { call } }) => [name, () => ({ call, end: async () => {} })])),
    end: async () => { for (const { turn } of open) await turn.end() }
  }
}

// Row-level security costs a transaction a statement; both sides connect as the same role, which the policies bind.
async function measureRowLevelSecurity ({ boundUrl }: BenchDatabase, rounds: Rounds, tick: () => void): Promise<Line[]> {
  const opened = {
    postgres: () => {
      const client = postgres(boundUrl!, { max: 10 })
      return { db: drizzle(client), end: async () => await client.end() }
    },
    pg: () => {
      const pool = new pg.Pool({ connectionString: boundUrl, max: 10 })
      return { db: drizzlePg(pool) as unknown as PostgresJsDatabase, end: async () => await pool.end() }
    }
  }
  const answers: Line[] = []
  for (const [driver, atLeast] of [['postgres', 0.5], ['pg', 0.33]] as const) {
    const id = (turn: number): number => 1 + turn * 7919 % rows
    const under = (rowLevelSecurity: boolean, table: typeof tasks) => (): Turn => {
      const { db, end } = opened[driver]()
      return { call: (turn) => userScope(db, ownerOf(id(turn), users), { rowLevelSecurity }).repository(table).findById(id(turn)), end }
    }
    const contenders: Contenders = { on: under(true, policed), off: under(false, tasks) }
    await sameAnswers(contenders, 1)
    const runs = await alternate(contenders, rounds, tick)
    answers.push({ ...line(runs, 'on', 'off', atLeast), what: `row-level security on, \`${driver}\` driver (findById)`, against: 'off' })
  }
  return answers
}

function lines (runs: Record<string, Run[]>, ours: string, targets: Record<string, number>, only?: string[]): Line[] {
  return Object.keys(runs)
    .filter((name) => name !== ours && !name.startsWith('request.db') && !name.startsWith('repository') && (only?.includes(name) ?? true))
    .map((theirs) => line(runs, ours, theirs, targets[theirs]))
}

function line (runs: Record<string, Run[]>, ours: string, theirs: string, atLeast: number | undefined): Line {
  const rates = (name: string): number[] => runs[name]!.map(({ rate }) => rate)
  const cpu = (name: string): string => spread(runs[name]!.map((run) => run.cpu)).median.toFixed(0)
  const perSecond = (name: string): string => Math.round(spread(rates(name)).median).toLocaleString('en')
  return {
    what: ours,
    against: theirs,
    ratio: ratio(rates(ours), rates(theirs)),
    ...(atLeast === undefined ? {} : { atLeast }),
    note: `${perSecond(ours)} and ${perSecond(theirs)} a second; ${cpu(ours)} and ${cpu(theirs)} µs of Node's CPU`
  }
}

/** A contender that answers something else is not faster, it is wrong. */
async function sameAnswers (contenders: Contenders, length: number): Promise<void> {
  for (const [name, open] of Object.entries(contenders)) {
    const { call, end } = open()
    const answer = [await call(12)].flat() as Array<{ id: number } | undefined>
    await end()
    if (answer.length !== length || answer[0]?.id === undefined) throw new Error(`${name} answered ${JSON.stringify(answer)}`)
  }
}
