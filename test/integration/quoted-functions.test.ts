import { sql, type SQL } from 'drizzle-orm'
import t from 'tap'
import { userScope } from '../../lib/index.js'
import { onEveryDriver, type AnyScope } from '../fixtures/grounds.js'
import { createTables, notes, schema } from '../fixtures/task-schema.js'

// Without an index PostgreSQL tries the cheaper condition first.
const create = `${createTables}
  drop index notes_user_id_id_idx;
  create function leak(text) returns boolean language plpgsql immutable cost 0.0001 as $$ begin
    if $1 like 'secret%' then raise exception 'the body is %', $1; end if; return true; end $$;
  create function leak(notes) returns boolean language sql immutable cost 0.0001 as $$ select leak($1.body) $$;
  create schema other;
  create function other.lower(text) returns text language sql immutable cost 0.0001 as $$ select leak($1)::text $$;
  create operator public.=~= (leftarg = text, rightarg = text, function = texteq);
  create sequence ticks;
  grant usage on sequence ticks to public;
  grant usage on schema other to public;`

const named = (name: string): SQL => sql.identifier(name) as never
const conditions: Record<string, SQL> = {
  'by name': sql`leak(${notes.body})`,
  'by a quoted name': sql`${named('leak')}(${notes.body})`,
  'by a quoted name and a space': sql`${named('leak')} \n(${notes.body})`,
  'by a written name': sql`"leak"(${notes.body})`,
  'with a schema': sql`${named('public')}.${named('leak')}(${notes.body})`,
  'with a written schema': sql`"public" . "leak" (${notes.body})`,
  'by the name of a harmless one in another schema': sql`${named('other')}.lower(${notes.body}) = 'true'`,
  'as a field of the row': sql`${named('notes')}.${named('leak')}`,
  'inside another': sql`coalesce(${named('leak')}(${notes.body}), true)`,
  'as a window': sql`not ${named('leak')} ( ${notes.body} )`
}

onEveryDriver(t, { create, schema, settings: ['the scope alone'] }, async (t, { db }) => {
  const [a, b] = [userScope(db, 'A') as AnyScope, userScope(db, 'B') as AnyScope]
  await b.repository(notes).insert({ body: 'secret of B' })
  await a.repository(notes).insert({ body: 'of A' })
  for (const [name, condition] of Object.entries(conditions)) {
    const runs: Record<string, () => PromiseLike<unknown>> = {
      select: () => a.db.select().from(notes).where(condition),
      repository: () => a.repository(notes).findMany({ where: condition }),
      count: () => a.db.$count(notes, condition),
      update: () => a.db.update(notes).set({ body: 'of A' }).where(condition),
      delete: () => a.db.delete(notes).where(sql`${condition} and false`),
      join: () => { const other = a.db.select().from(notes).as('other'); return a.db.select().from(notes).innerJoin(other, condition) },
      exists: () => a.db.select({ one: sql`1` }).from(notes).where(sql`exists ${a.db.select({ one: sql`1` }).from(notes).where(condition)}`)
    }
    for (const [statement, run] of Object.entries(runs)) {
      const error: any = await Promise.resolve(run()).then(() => undefined, (error: unknown) => error)
      t.notMatch(String(error?.cause?.message ?? error?.message), /secret/, `${statement}, a function ${name}: B's text is not told`)
    }
  }
})
