import { and, desc, eq, sql } from 'drizzle-orm'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import postgres from 'postgres'
import { userScope } from 'fastify-auth-integration'
import { ownerOf, taskTable } from './database.js'
import type { Turn } from './measure.js'
import type { Peers, RowPeer } from './peers.js'

export const users = 100
export const rows = 10_000
const tasks = taskTable('tasks')
const policed = taskTable('policed_tasks')
const team = pgTable('team_tasks', {
  id: integer().primaryKey(), userId: text('user_id').notNull(), orgId: text('org_id').notNull(), title: text().notNull()
})

/** Contenders that do the same, by name, and how many rows each answers. */
export interface RowGroup { length: number, contenders: Record<string, () => Turn> }

/** Where their rows are; `boundUrl` is that of a role that row-level security binds. */
export interface RowPlace { url: string, boundUrl: string }

export const template = '`postgres` tagged template'
export const handWritten = 'hand-written Drizzle'
export const withOrganization = 'both owners match'
export const ofUserAlone = 'the user alone'

/** What is measured against what. Each turn of a contender has a pool of its own. */
export function rowContenders ({ url, boundUrl }: RowPlace, peers: Peers | undefined): Record<string, RowGroup> {
  const id = (turn: number): number => 1 + turn * 7919 % rows
  const me = (turn: number): string => ownerOf(id(turn), users)
  const withClient = (calling: (client: postgres.Sql) => Turn['call'], at = url) => (): Turn => {
    const client = postgres(at, { max: 10 })
    return { call: calling(client), end: async () => await client.end() }
  }
  const withDrizzle = (calling: (db: PostgresJsDatabase) => Turn['call'], at = url) =>
    withClient((client) => calling(drizzle(client)), at)
  const withPg = (calling: (db: PostgresJsDatabase) => Turn['call']) => (): Turn => {
    const pool = new pg.Pool({ connectionString: boundUrl, max: 10 })
    return { call: calling(drizzlePg(pool) as unknown as PostgresJsDatabase), end: async () => await pool.end() }
  }
  const byPeer = (calling: (peer: RowPeer) => Turn['call']) => (): Turn => {
    const peer = peers!.createRowPeer(url)
    return { call: calling(peer), end: async () => await peer.end() }
  }
  // Row-level security costs a transaction a statement; both sides connect as the same role, which the policies bind.
  const policing = (on: boolean) => (db: PostgresJsDatabase): Turn['call'] => {
    return (turn) =>
      userScope(db, me(turn), { rowLevelSecurity: on })
        .repository(on ? policed : tasks)
        .findById(id(turn))
  }
  const findById = withDrizzle((db) => (turn) => userScope(db, me(turn)).repository(tasks).findById(id(turn)))
  // The same table, of a user, and of a user in an organization.
  const ofUser = (db: PostgresJsDatabase, turn: number) => userScope(db, me(turn))
  const ofBoth = (db: PostgresJsDatabase, turn: number) =>
    userScope(db, { userId: me(turn), organizationId: 'acme' }, { organization: true })
  const templateById = withClient(
    (client) => (turn) => client`select * from tasks where user_id = ${me(turn)} and id = ${id(turn)}`
  )

  return {
    'by id': {
      length: 1,
      contenders: {
        'repository.findById': findById,
        'request.db select by id': withDrizzle(
          (db) => (turn) =>
            userScope(db, me(turn))
              .db.select()
              .from(tasks)
              .where(eq(tasks.id, id(turn)))
        ),
        [handWritten]: withDrizzle(
          (db) => (turn) =>
            db
              .select()
              .from(tasks)
              .where(and(eq(tasks.userId, me(turn)), eq(tasks.id, id(turn))))
        ),
        [`${handWritten}, prepared`]: withDrizzle((db) => {
          const prepared = db
            .select()
            .from(tasks)
            .where(and(eq(tasks.userId, sql.placeholder('me')), eq(tasks.id, sql.placeholder('id'))))
            .prepare('by_id')
          return (turn) => prepared.execute({ me: me(turn), id: id(turn) })
        }),
        [template]: templateById,
        ...(peers === undefined
          ? {}
          : { 'ZenStack with its policy plugin': byPeer((peer) => (turn) => peer.findById(me(turn), id(turn))) })
      }
    },
    list: {
      length: 20,
      contenders: {
        'repository.findMany({ limit: 20 })': withDrizzle(
          (db) => (turn) =>
            userScope(db, me(turn))
              .repository(tasks)
              .findMany({ limit: 20, orderBy: desc(tasks.id) })
        ),
        'request.db select of 20': withDrizzle(
          (db) => (turn) => userScope(db, me(turn)).db.select().from(tasks).orderBy(desc(tasks.id)).limit(20)
        ),
        [handWritten]: withDrizzle(
          (db) => (turn) =>
            db
              .select()
              .from(tasks)
              .where(eq(tasks.userId, me(turn)))
              .orderBy(desc(tasks.id))
              .limit(20)
        ),
        [`${handWritten}, prepared`]: withDrizzle((db) => {
          const prepared = db
            .select()
            .from(tasks)
            .where(eq(tasks.userId, sql.placeholder('me')))
            .orderBy(desc(tasks.id))
            .limit(20)
            .prepare('list')
          return (turn) => prepared.execute({ me: me(turn) })
        }),
        [template]: withClient(
          (client) => (turn) => client`select * from tasks where user_id = ${me(turn)} order by id desc limit 20`
        ),
        ...(peers === undefined
          ? {}
          : { 'ZenStack with its policy plugin': byPeer((peer) => (turn) => peer.findMany(me(turn), 20)) })
      }
    },
    'of an organization, by id': {
      length: 1,
      contenders: {
        [withOrganization]: withDrizzle((db) => (turn) => ofBoth(db, turn).repository(team).findById(id(turn))),
        [ofUserAlone]: withDrizzle((db) => (turn) => ofUser(db, turn).repository(team).findById(id(turn)))
      }
    },
    'of an organization, select': {
      length: 1,
      contenders: {
        [withOrganization]: withDrizzle(
          (db) => (turn) => ofBoth(db, turn).db.select().from(team).where(eq(team.id, id(turn)))
        ),
        [ofUserAlone]: withDrizzle(
          (db) => (turn) => ofUser(db, turn).db.select().from(team).where(eq(team.id, id(turn)))
        )
      }
    },
    worn: { length: 1, contenders: { 'repository.findById': findById, [template]: templateById } },
    postgres: {
      length: 1,
      contenders: { on: withDrizzle(policing(true), boundUrl), off: withDrizzle(policing(false), boundUrl) }
    },
    pg: { length: 1, contenders: { on: withPg(policing(true)), off: withPg(policing(false)) } }
  }
}
