import { asc, eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { userScope } from '../../lib/repository/user-scope.js'
import { startTaskPlace } from '../fixtures/canary.js'
import { layers } from '../fixtures/settings.js'
import { projects, tasks, schema } from '../fixtures/task-schema.js'

interface Plan { 'Node Type': string, 'Index Name'?: string, 'Join Type'?: string, 'Index Cond'?: string, Plans?: Plan[] }

for (const setting of layers) {
  t.test(setting.name, async (t) => {
    const { url, admin, options } = await startTaskPlace(t, setting)
    const client = postgresJs(url, { max: 1, onnotice: () => {} })
    t.teardown(() => client.end())
    await admin.unsafe(`
      insert into projects (user_id, name) select 'user ' || n % 500, 'project' from generate_series(1, 5000) n;
      insert into tasks (user_id, project_id, title, created_at, updated_at) select 'user ' || n % 500, 1 + n % 5000, 'task', now(), now() from generate_series(1, 50000) n;
      analyze
    `)

    let last: { sql: string, params: unknown[] } = { sql: '', params: [] }
    const db = drizzle(client, { schema, logger: { logQuery: (sql, params) => { last = { sql, params } } } })
    const scope = userScope(db, 'user 7', options)

    // The shape of a plan: which nodes, over which indexes, under which conditions.
    const planOf = async (sql: string, params: unknown[]): Promise<unknown[]> => {
      // Of hand-written SQL too policies are part: it is planned for the same user.
      const [row] = await client.begin(async (tx) => {
        if (setting.rowLevelSecurity) await tx`select set_config('app.user_id', 'user 7', true)`
        return await tx.unsafe(`explain (format json, costs off) ${sql}`, params as never[])
      })
      const walk = (plan: Plan): unknown[] => [
        [plan['Node Type'], plan['Join Type'], plan['Index Name'], plan['Index Cond']?.replaceAll(/"?(?:tasks|projects)"?\./g, '').replaceAll(/\s*::\w+/g, '')], ...(plan.Plans ?? []).flatMap(walk)
      ]
      return walk((row!['QUERY PLAN'] as Array<{ Plan: Plan }>)[0]!.Plan)
    }

    const samePlan = async (t: Test, run: () => PromiseLike<unknown>, byHand: string, params: unknown[], index: string): Promise<void> => {
      await run()
      const scoped = await planOf(last.sql, last.params)
      t.same(scoped, await planOf(byHand, params))
      t.match(JSON.stringify(scoped), index)
      t.notMatch(JSON.stringify(scoped), /Seq Scan|Subquery Scan/)
    }

    t.test('a list is the index scan of hand-written SQL', async (t) => {
      const byHand = 'select id, title from tasks where user_id = $1 order by id limit $2'
      await samePlan(t, () => scope.db.select().from(tasks).orderBy(asc(tasks.id)).limit(20), byHand, ['user 7', 20], 'tasks_user_id_id_idx')
      await samePlan(t, () => scope.repository(tasks).findMany({ orderBy: tasks.id, limit: 20 }), byHand, ['user 7', 20], 'tasks_user_id_id_idx')
    })

    t.test('a row by its id is the index scan of hand-written SQL', async (t) => {
      const byHand = 'select id, title from tasks where user_id = $1 and id = $2'
      await samePlan(t, () => scope.db.select().from(tasks).where(eq(tasks.id, 507)), byHand, ['user 7', 507], 'Index Scan')
      await samePlan(t, () => scope.repository(tasks).findById(507), byHand, ['user 7', 507], 'Index Scan')
    })

    t.test('a join is the index scans of hand-written SQL', async (t) => {
      const byHand = `select tasks.id, projects.name from tasks join projects on projects.id = tasks.project_id and projects.user_id = $2
        where tasks.user_id = $1 order by tasks.id limit $3`
      const joined = () => scope.db.select({ id: tasks.id, name: projects.name }).from(tasks).innerJoin(projects, eq(projects.id, tasks.projectId)).orderBy(asc(tasks.id)).limit(20)
      await samePlan(t, joined, byHand, ['user 7', 'user 7', 20], 'tasks_user_id_id_idx')
    })

    t.test('an update and a delete by id are the index scans of hand-written SQL', async (t) => {
      await samePlan(t, () => scope.db.delete(tasks).where(eq(tasks.id, 1007)), 'delete from tasks where user_id = $1 and id = $2', ['user 7', 1007], 'Index Scan')
      await samePlan(t, () => scope.db.update(projects).set({ name: 'x' }).where(eq(projects.id, 7)), 'update projects set name = $3 where user_id = $1 and id = $2', ['user 7', 7, 'x'], 'Index Scan')
    })
  })
}
