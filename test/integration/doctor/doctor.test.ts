import postgresJs from 'postgres'
import t from 'tap'
import { briefly, findings, goodEnvironment } from '../../fixtures/doctor-surroundings.js'
import { createRole } from '../../fixtures/policies.js'
import { startSuperuserPostgres } from '../../fixtures/postgres.js'

interface Case {
  /** What is wrong, as a sentence. */
  name: string
  /** The smallest schema that has the fault. */
  broken: string
  /** What the doctor says of it. */
  says: string[]
  words?: string[]
  /** The finding's SQL is a question to the reader and not a cure to run. */
  noCure?: true
}

const owned = 'id integer primary key generated always as identity, user_id text not null'
const policy = "create policy own on tasks using (user_id = nullif(current_setting('app.user_id', true), ''))"

const cases: Case[] = [
  {
    name: 'a table without an owner',
    broken: 'create table tasks (id integer primary key generated always as identity, title text)',
    says: ['warning unowned-table tasks']
  },
  {
    name: 'a view without an owner',
    broken: `create table tasks (${owned}); create index on tasks (user_id); create view totals with ` +
      '(security_invoker) as select count(*) from tasks',
    says: ['warning unowned-table totals'],
    noCure: true
  },
  {
    name: 'a nullable owner column',
    broken:
      'create table tasks (id integer primary key generated always as identity, user_id text); create index on ' +
        'tasks (user_id)',
    says: ['error owner-nullable tasks.user_id']
  },
  {
    name: 'an owner column of numbers',
    broken:
      'create table tasks (id integer primary key generated always as identity, user_id integer not null); create ' +
        'index on tasks (user_id)',
    says: ['error owner-type tasks.user_id']
  },
  {
    name: 'an owner column too short for an id',
    broken:
      'create table tasks (id integer primary key generated always as identity, user_id varchar(20) not null); ' +
        'create index on tasks (user_id)',
    says: ['error owner-type tasks.user_id']
  },
  {
    name: 'an owner column of text where user ids are uuids',
    broken: `create table tasks (${owned}); create index on tasks (user_id)`,
    says: ['error owner-type tasks.user_id'],
    words: ['--user-id-type', 'uuid']
  },
  {
    name: 'an owner column that compares without case',
    broken:
      "create collation anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create table " +
        'tasks (id integer primary key generated always as identity, user_id text collate anycase not null); create ' +
          'index on tasks (user_id)',
    says: ['error owner-comparison tasks.user_id']
  },
  {
    name: 'an owner column without an index',
    broken: `create table tasks (${owned})`,
    says: ['warning owner-index tasks.user_id']
  },
  {
    name: 'an index that the owner does not lead',
    broken: `create table tasks (${owned}, title text); create index on tasks (title, user_id)`,
    says: ['warning owner-index tasks.user_id']
  },
  {
    name: 'an index over some of the rows',
    broken: `create table tasks (${owned}, done boolean); create index on tasks (user_id) where not done`,
    says: ['warning owner-index tasks.user_id']
  },
  {
    name: 'an integer that should be a timestamp',
    broken: `create table tasks (${owned}, created_at integer not null default 0); create index on tasks (user_id); ` +
      'insert into tasks (user_id) values (\'ada\')',
    says: ['error timestamp-type tasks.created_at']
  },
  {
    name: 'a text that should be a timestamp, named by a habit of JavaScript',
    broken: `create table tasks (${owned}, "dueAt" text); create index on tasks (user_id); insert into tasks ` +
      '(user_id, "dueAt") values (\'ada\', \'2025-01-31T10:00:00Z\')',
    says: ['error timestamp-type tasks.dueAt']
  },
  {
    name: 'a timestamp without time zone with a default',
    broken: `create table tasks (${owned}, created_at timestamp not null default now()); create index on tasks ` +
      '(user_id)',
    says: ['warning timestamp-zone tasks.created_at']
  },
  {
    name: 'a unique constraint across users',
    broken: `create table tasks (${owned}, slug text unique); create index on tasks (user_id)`,
    says: ['warning unique-across-users tasks.tasks_slug_key']
  },
  {
    name: 'a unique index across users',
    broken: `create table tasks (${owned}, slug text); create index on tasks (user_id); create unique index by_slug ` +
      'on tasks (slug)',
    says: ['warning unique-across-users tasks.by_slug']
  },
  {
    name: 'a primary key that clients choose',
    broken: 'create table tasks (slug text primary key, user_id text not null); create index on tasks (user_id)',
    says: ['warning unique-across-users tasks.tasks_pkey']
  },
  {
    name: 'a foreign key between owned tables without the owner',
    broken: `create table projects (${owned}); create index on projects (user_id); create table tasks (${owned}, ` +
      'project_id integer references projects); create index on tasks (user_id)',
    says: ['warning foreign-keys tasks.tasks_project_id_fkey']
  },
  {
    name: "a foreign key that cascades from one user's row into another's",
    broken: `create table projects (${owned}); create index on projects (user_id); create table tasks (${owned}, ` +
      'project_id integer references projects on delete cascade); create index on tasks (user_id)',
    says: ['error foreign-keys tasks.tasks_project_id_fkey']
  },
  {
    name: "a foreign key that empties another user's column",
    broken: `create table projects (${owned}); create index on projects (user_id); create table tasks (${owned}, ` +
      'project_id integer references projects on delete set null); create index on tasks (user_id)',
    says: ['error foreign-keys tasks.tasks_project_id_fkey']
  },
  {
    name: 'a trigger that writes rows',
    broken: `create table tasks (${owned}); create index on tasks (user_id); create function spread() returns trigger security definer language plpgsql as $$ begin update tasks set user_id = user_id; return null; end $$;
      create trigger spread after insert on tasks execute function spread()`,
    says: ['warning triggers tasks.spread']
  },
  {
    name: 'a rule that writes rows',
    broken: `create table tasks (${owned}); create index on tasks (user_id); create rule twice as on delete to ` +
      'tasks do also delete from tasks',
    says: ['warning triggers tasks.twice']
  },
  {
    name: 'row-level security switched off where the app uses it',
    broken: `create table tasks (${owned}); create index on tasks (user_id)`,
    says: ['error row-level-security tasks'],
    words: ['--role', 'doctor_app']
  },
  {
    name: 'row-level security on one table and off on the next',
    broken: `create table tasks (${owned}); create index on tasks (user_id); ${policy}; alter table tasks enable ` +
      `row level security; alter table tasks force row level security; create table notes (${owned}); create index ` +
        'on notes (user_id)',
    says: ['error row-level-security notes'],
    words: ['--role', 'doctor_app']
  },
  {
    name: "row-level security without FORCE, as the table's owner",
    broken: `create table tasks (${owned}); create index on tasks (user_id); ${policy}; alter table tasks enable ` +
      'row level security; alter table tasks owner to doctor_app',
    says: ['error row-level-security tasks'],
    words: ['--role', 'doctor_app']
  },
  {
    name: 'row-level security without a policy',
    broken: `create table tasks (${owned}); create index on tasks (user_id); alter table tasks enable row level ` +
      'security; alter table tasks force row level security',
    says: ['error row-level-security tasks'],
    words: ['--role', 'doctor_app']
  },
  {
    name: 'policies for another role',
    broken: `create table tasks (${owned}); create index on tasks (user_id); ` +
      `${policy.replace('on tasks', 'on tasks to doctor_other')}; alter table tasks enable row level security; ` +
        'alter table tasks force row level security',
    says: ['error row-level-security tasks'],
    words: ['--role', 'doctor_app']
  },
  {
    name: 'policies for some of the commands',
    broken: `create table tasks (${owned}); create index on tasks (user_id); ` +
      `${policy.replace('on tasks', 'on tasks for select')}; alter table tasks enable row level security; alter ` +
        'table tasks force row level security',
    says: ['warning row-level-security tasks'],
    words: ['--role', 'doctor_app']
  },
  {
    name: 'a policy that lets everyone in',
    broken: `create table tasks (${owned}); create index on tasks (user_id); create policy open on tasks using ` +
      '(true); alter table tasks enable row level security; alter table tasks force row level security',
    says: ['error row-level-security tasks.open'],
    words: ['--role', 'doctor_app']
  },
  {
    name: 'a policy that takes an empty setting for an id',
    broken: `create table tasks (${owned}); create index on tasks (user_id); create policy own on tasks using ` +
      '(user_id = current_setting(\'app.user_id\', true)); alter table tasks enable row level security; alter table ' +
        'tasks force row level security',
    says: ['warning row-level-security tasks.own'],
    words: ['--role', 'doctor_app']
  },
  {
    name: "a superuser's connection where row-level security is in use",
    broken: `create table tasks (${owned}); create index on tasks (user_id); ${policy}; alter table tasks enable ` +
      'row level security; alter table tasks force row level security',
    says: ['error bypassing-role role postgres'],
    noCure: true
  },
  {
    name: 'a role that bypasses row-level security',
    broken: `create table tasks (${owned}); create index on tasks (user_id); ${policy}; alter table tasks enable ` +
      'row level security; alter table tasks force row level security',
    says: ['error bypassing-role role doctor_bypass'],
    words: ['--role', 'doctor_bypass']
  },
  {
    name: 'a role that does not exist',
    broken: '',
    says: ['error bypassing-role role doctor_nobody'],
    words: ['--role', 'doctor_nobody']
  },
  {
    name: 'a view without security_invoker',
    broken: `create table tasks (${owned}); create index on tasks (user_id); create view open_tasks as select * ` +
      'from tasks',
    says: ['warning views open_tasks']
  },
  {
    name: 'a view of a view without security_invoker',
    broken: `create table tasks (${owned}); create index on tasks (user_id); create view open_tasks with ` +
      '(security_invoker = on) as select * from tasks; create view first_tasks with (security_invoker = false) as ' +
        'select * from open_tasks',
    says: ['warning views first_tasks']
  },
  {
    name: 'a materialised view where row-level security is in use',
    broken: `create table tasks (${owned}); create index on tasks (user_id); ${policy}; alter table tasks enable ` +
      'row level security; alter table tasks force row level security; create materialized view held as select ' +
        'user_id from tasks',
    says: ['error views held'],
    words: ['--role', 'doctor_app'],
    noCure: true
  },
  {
    name: 'a shared table with an owner column',
    broken: `create table plans (${owned}); create index on plans (user_id)`,
    says: ['error shared-table plans'],
    words: ['--shared-tables', 'plans'],
    noCure: true
  },
  {
    name: 'a table in another schema, with a name that has to be quoted',
    broken: `create schema "My App"; create table "My App"."order" (${owned})`,
    says: ['warning owner-index My App.order.user_id']
  }
]

t.test('each fault is found, alone, and its SQL cures it', async (t) => {
  const postgres = await startSuperuserPostgres(t)
  const setUp = postgresJs(postgres.url, { max: 1, onnotice: () => {} })
  await setUp.unsafe(createRole('doctor_app') + createRole('doctor_other') + createRole('doctor_bypass', 'bypassrls'))
  await setUp.end()

  for (const { name, broken, says, words = [], noCure } of cases) {
    await t.test(name, async (t) => {
      const url = await postgres.createDatabase(t)
      const sql = postgresJs(url, { max: 1, onnotice: () => {} })
      t.teardown(() => sql.end())
      if (broken !== '') await sql.unsafe(broken)
      // The key set stands for an issuer with a database of its own: no table of Better Auth's is missed.
      const look = () =>
        findings(['--jwks', 'https://auth.example.app/jwks', ...words], { ...goodEnvironment, DATABASE_URL: url })

      const found = await look()
      t.strictSame(briefly(found), says)
      if (noCure) return
      for (const finding of found) await sql.unsafe(finding.sql!)
      t.strictSame(
        briefly(await look()).filter((line) => says.includes(line)),
        [],
        'the SQL cures it'
      )
    })
  }
})
