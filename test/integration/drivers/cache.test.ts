import { Cache, type MutationOption } from 'drizzle-orm/cache/core'
import { entityKind, getTableName, is, sql, Table } from 'drizzle-orm'
import { pgView, text } from 'drizzle-orm/pg-core'
import t from 'tap'
import { userScope } from '../../../lib/index.js'
import { onEveryDriver, type AnyScope } from '../../fixtures/grounds.js'
import { categories, createTables, notes, schema } from '../../fixtures/task-schema.js'

/** A cache as Drizzle's guide writes one: by key, with the tables and tags that take an answer away. */
class MapCache extends Cache {
  static override readonly [entityKind]: string = 'MapCache'
  entries = new Map<string, { rows: any[], tables: string[] }>()
  constructor (readonly everywhere: boolean) { super() }
  override strategy (): 'all' | 'explicit' { return this.everywhere ? 'all' : 'explicit' }
  override async get (key: string): Promise<any[] | undefined> { return this.entries.get(key)?.rows }
  override async put (key: string, rows: any, tables: string[]): Promise<void> { this.entries.set(key, { rows: JSON.parse(JSON.stringify(rows)), tables }) }
  override async onMutate ({ tags = [], tables = [] }: MutationOption): Promise<void> {
    for (const tag of [tags].flat()) this.entries.delete(tag)
    const names = [tables].flat().map((table) => is(table, Table) ? getTableName(table) : table)
    for (const [key, entry] of this.entries) if (entry.tables.some((table) => names.includes(table))) this.entries.delete(key)
  }
}

const bodies = pgView('bodies', { body: text() }).existing()
const create = `${createTables}
  create view bodies with (security_invoker = true) as select body from notes;`

for (const everywhere of [false, true]) {
  const caches: MapCache[] = []
  const config = () => {
    const cache = new MapCache(everywhere)
    caches.push(cache)
    return cache
  }
  t.test(everywhere ? 'a cache for everything' : 'a cache where it is asked for', async (t) => {
    onEveryDriver(t, { create, schema, config: { get cache () { return config() } } as never }, async (t, { db, options, admin }) => {
      if (options.rowLevelSecurity !== false) await admin('grant select on bodies to app')
      await admin("insert into categories values (3, 'x') on conflict do nothing")
      const scopeOf = (user: string) => userScope(db, user, { ...options, sharedTables: [categories, bodies] }) as AnyScope
      const [a, b] = [scopeOf('A'), scopeOf('B')]
      await b.repository(notes).insert({ body: 'of B' })
      await a.repository(notes).insert({ body: 'of A' })
      const cached = <Q>(query: Q): Q => (query as any).$withCache()
      const reads: Record<string, (scope: AnyScope) => PromiseLike<any>> = {
        rows: ({ db }) => cached(db.select({ body: notes.body }).from(notes)),
        'rows by tag': ({ db }) => (db.select({ body: notes.body }).from(notes) as any).$withCache({ tag: 'notes' }),
        'rows by tag, kept': ({ db }) => (db.select({ body: notes.body }).from(notes) as any).$withCache({ tag: 'kept', autoInvalidate: false }),
        ...(options.rowLevelSecurity === false
          ? {}
          : {
              'a sub-select over a shared table': ({ db }) => cached(db.select({ body: sql`(select string_agg(body, ',') from notes)` }).from(categories).limit(1)),
              'the setting over a shared table': ({ db }) => cached(db.select({ body: sql`'of ' || current_setting('app.user_id', true)` }).from(categories).limit(1)),
              'a view that reads with the rights of the user': ({ db }) => cached(db.select({ body: bodies.body }).from(bodies))
            })
      }
      // The same column as that of an organization, for one member of both.
      const ofMember = (organizationId: string) => userScope(db, { userId: 'member', organizationId }, {
        ownerColumn: 'member_id',
        organization: { column: 'user_id', setting: 'app.user_id' },
        rowLevelSecurity: options.rowLevelSecurity !== false && { ...options.rowLevelSecurity as object, setting: 'app.member_id' },
        sharedTables: [categories, bodies]
      }) as AnyScope
      for (const [one, other] of [[a, b], [ofMember('A'), ofMember('B')]] as const) {
        for (const [name, read] of Object.entries(reads)) {
          for (let times = 0; times < 3; times++) {
            t.match(JSON.stringify(await read(other)), /of B/, `${name}: B has B's`)
            const seen = JSON.stringify(await read(one))
            t.match(seen, /of A/, `${name}: A has A's`)
            t.notMatch(seen, /of B/, `${name}: and nothing of B`)
          }
        }
      }

      await t.test('an insert is counted', async (t) => {
        for (let times = 0; times < 3; times++) {
          const before = [await a.db.$count(notes), await a.repository(notes).count(), await a.repository(notes).count(sql`true`), (await cached(a.db.select({ n: sql`count(*)::int` }).from(notes)))[0].n]
          await a.repository(notes).insert({ body: 'of A' })
          const after = [await a.db.$count(notes), await a.repository(notes).count(), await a.repository(notes).count(sql`true`), (await cached(a.db.select({ n: sql`count(*)::int` }).from(notes)))[0].n]
          t.same(after, before.map((count) => Number(count) + 1))
        }
      })

      await t.test('a tag takes its answers away', async (t) => {
        const read = async (scope: AnyScope, autoInvalidate = false) => (await (scope.db.select({ body: notes.body }).from(notes) as any).$withCache({ tag: 'tagged', autoInvalidate })).length
        const before = [await read(a), await read(b)]
        await a.repository(notes).insert({ body: 'of A' })
        await b.repository(notes).insert({ body: 'of B' })
        t.same([await read(a), await read(b)], before, 'that a write left there')
        await (db as any).$cache.invalidate({ tags: 'tagged' })
        t.same([await read(a), await read(b)], before.map((count) => count + 1))
      })
    })
  })
}
