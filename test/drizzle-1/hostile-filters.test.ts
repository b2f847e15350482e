import { defineRelations, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import * as fc from 'fast-check'
import t from 'tap'
import { AuthIntegrationError } from '../../lib/error-base.js'
import { rootCause } from '../../lib/internal/root-cause.js'
import { canary, canaryMark, startTaskPlace } from '../fixtures/canary.js'
import { layers } from '../fixtures/settings.js'
import { categories, notes, projects, samples, tasks } from '../fixtures/task-schema.js'

const relations = defineRelations({ projects, tasks, notes, samples, categories } as never, (r: any) => ({
  projects: { tasks: r.many.tasks({ from: r.projects.id, to: r.tasks.projectId }) },
  tasks: { project: r.one.projects({ from: r.tasks.projectId, to: r.projects.id }), category: r.one.categories({ from: r.tasks.categoryId, to: r.categories.id }) }
}))

const words = [
  'id', 'userId', 'user_id', 'title', 'done', 'createdAt', 'project', 'tasks', 'category', 'name', 'AND', 'OR', 'NOT', 'RAW', 'eq', 'ne', 'gt', 'in', 'notIn', 'like',
  'ilike', 'isNull', 'isNotNull', 'between', 'exists', 'sql', 'not', 'and', 'or', 'arrayContains', 'arrayOverlaps', 'queryChunks', 'getSQL', 'decoder', 'value', 'encoder',
  'fieldAlias', '_', 'table', 'constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'brand', 'shouldInlineParams', '', '0', 'length', 'x"; select'
]
const key = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.string() })
const leaf = fc.oneof(
  fc.constantFrom<unknown>('B', 'A', canaryMark, 1, 4, -1, 0, 1.5, true, false, null, 'asc', 'true) or (true', "x' or user_id = 'B'", '1; select', '%', '\\', '\u0000', '2024-01-01', '', 1e308),
  fc.string(), fc.integer(), fc.double()
)
// As JSON.parse makes it, where "__proto__" is a key like any other.
const json = fc.letrec<{ value: unknown, object: unknown }>((tie) => ({
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((entries) => JSON.parse(`{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`).join(',')}}`)),
  value: fc.oneof({ maxDepth: 4 }, leaf, tie('object'), fc.array(tie('value'), { maxLength: 3 }))
}))

// What PostgreSQL says of a client's value; anything else is a fault of the statement.
const ofValues = new Set(['22P02', '22003', '22007', '22008', '22021', '22025', '42883', '42804', '42846', '22P05'])

t.test('a request\'s JSON as a filter, a whole query or an order answers the user\'s rows, or is the client\'s mistake', async (t) => {
  const { admin, client, scopeOf } = await canary(t, await startTaskPlace(t, layers[0]!))
  const { db } = scopeOf('A', drizzle({ client, relations } as never) as never) as any
  const everything = async (): Promise<string> => JSON.stringify(await admin`select (select json_agg(x) from tasks x) t, (select json_agg(x) from projects x) p`)
  const before = await everything()
  const outcomes = { answered: 0, refused: 0, byPostgres: 0 }
  const faults: string[] = []

  const attempt = async (what: string, run: () => Promise<unknown>, given: unknown): Promise<void> => {
    try {
      const answer = JSON.stringify(await run())
      outcomes.answered++
      if (answer?.includes(canaryMark) || /"userId":"B"/.test(answer ?? '')) faults.push(`${what} ${JSON.stringify(given)}: a row of B`)
    } catch (error) {
      const { code } = rootCause(error)
      if (error instanceof AuthIntegrationError && error.statusCode! < 500) outcomes.refused++
      else if (ofValues.has(String(code))) outcomes.byPostgres++
      else faults.push(`${what} ${JSON.stringify(given)}: ${String(error)}`)
      if (String((error as Error).message).includes('own-secret')) faults.push(what)
    }
  }

  await fc.assert(fc.asyncProperty(json.value, json.object, async (value, object) => {
    await Promise.all([
      attempt('where', () => db.query.tasks.findMany({ where: object }), object),
      attempt('where of a relation', () => db.query.projects.findMany({ with: { tasks: { where: object } } }), object),
      attempt('where of any kind', () => db.query.tasks.findFirst({ where: value }), value),
      attempt('where beside a condition', () => db.query.tasks.findMany({ where: { AND: [object, { RAW: sql`true` }] } }), object),
      attempt('a column', () => db.query.tasks.findMany({ where: { title: value } }), value),
      attempt('an order', () => db.query.tasks.findMany({ orderBy: value }), value),
      attempt('a whole query', () => db.query.projects.findMany(value), value)
    ])
  }), { numRuns: 1500 })

  t.same(faults.slice(0, 10), [])
  t.equal(await everything(), before, 'nothing changed')
  t.ok(outcomes.answered > 500 && outcomes.refused > 500, JSON.stringify(outcomes))
  t.comment(JSON.stringify(outcomes))
  let deep: unknown = { id: 1 }
  for (let depth = 0; depth < 20_000; depth++) deep = { NOT: deep }
  await t.rejects(db.query.tasks.findMany({ where: deep }), { statusCode: 400 })
})
