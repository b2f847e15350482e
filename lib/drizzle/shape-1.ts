import * as relational from 'drizzle-orm'
import { eq, sql, type SQL } from 'drizzle-orm'
import * as pgCore from 'drizzle-orm/pg-core'
import * as queries from 'drizzle-orm/pg-core/query-builders/query'

type Class = new (...args: any[]) => any
type Name = 'PgAsyncSelectBase' | 'PgAsyncInsertBase' | 'PgAsyncUpdateBase' | 'PgAsyncDeleteBase' |
  'PgAsyncRelationalQuery'

const core = pgCore as unknown as Record<Name, Class>

// What each kind of statement looks like, built by Drizzle itself over the tables below, and what a session is asked.
const known: Record<string, string> = {
  select:
    'arrays function select "id", "body" from "notes" where "notes"."id" = $1 order by "notes"."id" limit $2',
  join:
    'arrays function select "notes"."id" from "notes" left join "notes" "n" on "n"."id" = "notes"."id"',
  insert:
    'arrays function insert into "notes" ("id", "body") values ($1, default) returning "id", "body"',
  update:
    'arrays function update "notes" set "body" = $1 where "notes"."id" = $2 returning "id", "body"',
  delete:
    'raw undefined delete from "notes" where "notes"."id" = $1',
  relational:
    'arrays function select "d0"."id" as "id", "replies"."r" as "replies" from (select "d0".* from "notes" as "d0" ' +
    'where (("d0"."id" = $1) and (exists (select * from "notes" as "f0" where "d0"."id" = "f0"."id"))) ' +
    'order by "d0"."body" desc limit $2) as "d0" left join lateral(select ' +
    'coalesce(json_agg(row_to_json("t".*)), \'[]\') as "r" from (select ' +
    '"d1"."id" as "id", (1) as "one" from "notes" as "d1" where "d0"."id" = "d1"."id") as "t") ' +
    'as "replies" on true order by "d0"."body" desc'
}

const { defineRelations } = relational as unknown as {
  defineRelations (schema: object, relations: (r: any) => object): Record<string, unknown>
}

/**
 * Compares what Drizzle builds with what the scope was written for: a version that builds otherwise may read
 * tables where the scope does not look.
 * @returns the kind of statement that differs, `undefined` for none
 */
export function findFault (): string | undefined {
  const built = statements()
  const kind = Object.keys(known).find((kind) => textOf(built[kind]!) !== known[kind])
  return kind === undefined ? undefined : `a ${kind} statement`
}

function textOf (build: () => string): string | undefined {
  try {
    return build()
  } catch {
    return undefined
  }
}

function statements (): Record<string, () => string> {
  const notes = pgCore.pgTable('notes', { id: pgCore.integer(), body: pgCore.text() })
  const other = pgCore.alias(notes, 'n')
  const dialect = new pgCore.PgDialect()
  let asked = ''
  const session = {
    prepareQuery ({ sql }: { sql: string }, mode: string, name: unknown, mapper: unknown) {
      asked = `${mode} ${typeof mapper} ${sql}`
      return { name }
    }
  }
  const askedBy = (builder: { prepare (): unknown }): string => {
    builder.prepare()
    return asked
  }
  const SelectBuilder = pgCore.PgSelectBuilder as unknown as Class
  const select = (fields?: object): any => {
    return new SelectBuilder({ fields, session, dialect }, core.PgAsyncSelectBase).from(notes)
  }
  const relations = defineRelations({ notes }, (r) => ({
    notes: { replies: r.many.notes({ from: r.notes.id, to: r.notes.id, alias: 'replies' }) }
  }))
  const QueryBuilder = queries.RelationalQueryBuilder as unknown as Class
  const query = new QueryBuilder(
    relations, notes, relations['notes'], dialect, session, false, core.PgAsyncRelationalQuery
  )
  return {
    select: () => askedBy(select().where(eq(notes.id, 1)).orderBy(notes.id).limit(1)),
    join: () => askedBy(select({ id: notes.id }).leftJoin(other, eq(other.id, notes.id))),
    insert: () => askedBy(new core.PgAsyncInsertBase(notes, [{ id: sql.param(1) }], session, dialect).returning()),
    update: () => askedBy(
      new core.PgAsyncUpdateBase(notes, { body: sql.param('x') }, session, dialect).where(eq(notes.id, 1)).returning()
    ),
    delete: () => askedBy(new core.PgAsyncDeleteBase(notes, session, dialect).where(eq(notes.id, 1) as SQL)),
    relational: () => askedBy(query.findMany({
      columns: { id: true },
      where: { id: 1, replies: true },
      orderBy: { body: 'desc' },
      limit: 1,
      with: { replies: { columns: { id: true }, extras: { one: sql`1` } } }
    }))
  }
}
