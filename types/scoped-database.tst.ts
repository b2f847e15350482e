import { eq, sql } from 'drizzle-orm'
import { bigint, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { FastifyRequest } from 'fastify'
import { describe, expect, test } from 'tstyche'
import { timestamps, userScope } from '../lib/index.js'

const tasks = pgTable('tasks', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  userId: text('user_id').notNull(),
  title: text().notNull(),
  ...timestamps()
})
const invoices = pgTable('invoices', { id: integer().primaryKey() })
const notes = pgTable('notes', { id: uuid().primaryKey(), userId: text('user_id').notNull(), position: integer() })
const events = pgTable('events', { id: bigint({ mode: 'bigint' }).primaryKey(), userId: text('user_id').notNull() })
const filings = pgTable(
  'filings',
  { userId: text('user_id').notNull(), taskId: integer('task_id').notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.taskId] })]
)
const { db, repository } = userScope(drizzle('postgres://localhost/db', { schema: { tasks, invoices } }), 'A')
declare const request: FastifyRequest
interface Task { id: number, userId: string, title: string, createdAt: Date, updatedAt: Date }

describe('a repository', () => {
  const repo = repository(tasks)

  test('answers whole rows, or the columns that were asked for', () => {
    expect(repo.findMany()).type.toBe<Promise<Task[]>>()
    expect(repo.findById(1)).type.toBe<Promise<Task | undefined>>()
    expect(repo.getById(1)).type.toBe<Promise<Task>>()
    expect(repo.findMany({ columns: { id: true, title: true } })).type.toBe<
      Promise<Array<{ id: number; title: string }>>
    >()
    expect(repo.findFirst({ columns: { createdAt: false, updatedAt: false } })).type.toBe<
      Promise<{ id: number; userId: string; title: string } | undefined>
    >()
  })

  test('takes ids of the type that the primary key has', () => {
    for (const method of ['findById', 'getById', 'deleteById'] as const) {
      expect(repo[method]).type.toBeCallableWith(7)
      expect(repo[method]).type.not.toBeCallableWith('7')
      expect(repository(notes)[method]).type.toBeCallableWith('018f')
      expect(repository(notes)[method]).type.not.toBeCallableWith(7)
      expect(repository(events)[method]).type.toBeCallableWith(7n)
      expect(repository(events)[method]).type.not.toBeCallableWith(7)
      expect(repository(filings)[method]).type.toBeCallableWith(7)
      expect(repository(filings)[method]).type.toBeCallableWith({ taskId: 7 })
      expect(repository(filings)[method]).type.not.toBeCallableWith(7n)
      expect(repository(filings)[method]).type.not.toBeCallableWith({ taskId: '7' })
      expect(repo[method]).type.not.toBeCallableWith(undefined)
    }
    expect(repository(notes).updateById).type.not.toBeCallableWith(7, { position: 1 })
  })

  test('does not take the owner', () => {
    expect(repo.insert).type.toBeCallableWith({ title: 'x' })
    expect(repo.insert).type.toBeCallableWith([{ title: 'x' }, { title: sql<string>`upper('x')` }])
    expect(repo.insert).type.not.toBeCallableWith({ title: 'x', userId: 'B' })
    expect(repo.updateById).type.not.toBeCallableWith(1, { userId: 'B' })
    expect(repo.upsert).type.not.toBeCallableWith({ title: 'x', userId: 'B' }, { target: tasks.id })
  })

  test('takes the table\'s columns and their values only', () => {
    expect(repo.insert).type.not.toBeCallableWith({})
    expect(repo.insert).type.not.toBeCallableWith({ title: 1 })
    expect(repo.insert).type.not.toBeCallableWith({ title: 'x', createdAt: 1732233600 })
    expect(repo.updateById).type.toBeCallableWith(1, { title: 'y' })
    expect(repo.updateById).type.not.toBeCallableWith(1, { tilte: 'y' })
  })

  test('wants a condition for what changes many rows', () => {
    expect(repo.update).type.not.toBeCallableWith(undefined, { title: 'y' })
    expect(repo.delete).type.not.toBeCallableWith()
    expect(repo.delete).type.toBeCallableWith(eq(tasks.id, 1))
  })

  test('is not had for a table without an owner', () => {
    expect(repository).type.not.toBeCallableWith(invoices)
    expect(db.insert).type.not.toBeCallableWith(invoices)
    expect(db.update).type.not.toBeCallableWith(invoices)
    expect(db.delete).type.not.toBeCallableWith(invoices)
    expect(request.repository).type.not.toBeCallableWith(invoices)
    expect(request.repository).type.toBeCallableWith(tasks)
  })
})

describe('the scoped database', () => {
  test('has Drizzle\'s builders, and knows the schema', () => {
    expect(db.select().from(tasks)).type.toBeAssignableTo<PromiseLike<Task[]>>()
    expect(db.query.tasks.findFirst()).type.toBeAssignableTo<PromiseLike<Task | undefined>>()
    expect(db.insert(tasks).values).type.toBeCallableWith({ title: 'x' })
    expect(db.insert(tasks).values).type.toBeCallableWith({ title: sql.placeholder('title') })
    expect(db.transaction(async (tx) => await tx.repository(tasks).count())).type.toBe<Promise<number>>()
  })

  test('has nothing of the real database', () => {
    expect(db).type.not.toHaveProperty('session')
    expect(db).type.not.toHaveProperty('dialect')
    expect(db).type.not.toHaveProperty('$client')
    expect(db).type.not.toHaveProperty('refreshMaterializedView')
  })
})
