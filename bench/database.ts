import { randomBytes } from 'node:crypto'
import { integer, index, pgTable, text, boolean } from 'drizzle-orm/pg-core'
import postgres from 'postgres'
import { timestamps } from 'fastify-auth-integration'
import { startServer } from '../test/fixtures/postgres-server.js'

/** A fresh database for the benchmark, and what ends it. */
export interface BenchDatabase {
  url: string
  version: string
  /** The URL of a role that row-level security binds; `undefined` where it cannot be made. */
  boundUrl: string | undefined
  end (): Promise<void>
}

const settings = { shared_buffers: '512MB', max_wal_size: '4GB', max_connections: 300 }

/** On the server of `DATABASE_URL`, or on one of its own with fsync off. */
export async function startDatabase (): Promise<BenchDatabase> {
  const given = process.env['DATABASE_URL']
  const server = given === undefined || given === '' ? await startServer(settings) : undefined
  const serverUrl = server?.url ?? given!
  const name = `fai_bench_${randomBytes(6).toString('hex')}`
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`)
  const [info] = await admin<Array<{ version: string, superuser: boolean }>>`
    select current_setting('server_version') as version, rolsuper as superuser from pg_roles where rolname = current_user`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const boundUrl = new URL(url)
  if (info!.superuser) {
    await admin.unsafe(`create role ${name} login password '${name}'; grant all on database ${name} to ${name}`)
    boundUrl.username = boundUrl.password = name
  }
  return {
    url: url.href,
    version: info!.version,
    boundUrl: boundUrl.href,
    end: async () => {
      if (server === undefined) {
        await admin.unsafe(`drop database if exists ${name} with (force)`)
        if (info!.superuser) await admin.unsafe(`drop role ${name}`)
      }
      await admin.end()
      await server?.remove()
    }
  }
}

/** An owned table like the one of the example, under any name. */
export function taskTable (name: string) {
  return pgTable(name, {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    userId: text('user_id').notNull(),
    projectId: integer('project_id'),
    title: text().notNull(),
    done: boolean().notNull().default(false),
    ...timestamps()
  }, (table) => [index().on(table.userId, table.id)])
}

/** The user who owns the row with this id: rows of one user lie scattered over the table, as they do in life. */
export function ownerOf (id: number, users: number): string {
  return `user-${id % users}`
}

/** Creates and fills a table; row `id` belongs to {@link ownerOf} it. */
export async function fillTable (client: postgres.Sql, name: string, rows: number, users: number): Promise<void> {
  await client.unsafe(`create table ${name} (
    id integer primary key generated always as identity, user_id text not null, project_id integer,
    title text not null, done boolean not null default false, created_at timestamptz not null, updated_at timestamptz not null
  )`)
  await client.unsafe(`insert into ${name} (user_id, title, created_at, updated_at)
    select 'user-' || (i % ${users}), 'task number ' || i, now(), now() from generate_series(1, ${rows}) i`)
  await client.unsafe(`create index on ${name} (user_id, id)`)
  await client.unsafe(`vacuum analyze ${name}`)
}
