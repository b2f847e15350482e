import { eq } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { FastifyRequest } from 'fastify'
import { describe, expect, test } from 'tstyche'
import '../../lib/index.js'

// In a project of its own: what is registered holds for every file.
declare module '../../lib/index.js' {
  interface Register { organization: 'org_id' }
}

const id = () => integer().primaryKey()
const bookmarks = pgTable('bookmarks', { id: id(), userId: text('user_id').notNull(), note: text().notNull() })
const issues = pgTable('issues', { id: id(), orgId: text('org_id').notNull(), title: text().notNull() })
const drafts = pgTable('drafts', {
  id: id(), orgId: text('org_id').notNull(), userId: text('user_id').notNull(), body: text()
})
const invoices = pgTable('invoices', { id: id() })
declare const request: FastifyRequest

describe('with the organization column in Register', () => {
  test('its tables, and those of users, need no cast', () => {
    expect(request.repository).type.toBeCallableWith(issues)
    expect(request.repository).type.toBeCallableWith(drafts)
    expect(request.repository).type.toBeCallableWith(bookmarks)
    expect(request.repository).type.not.toBeCallableWith(invoices)
    expect(request.db.insert).type.not.toBeCallableWith(invoices)
    expect(request.organizationId).type.toBe<string | null>()
    expect(request.repository(issues).findById(1)).type.toBe<
      Promise<{ id: number, orgId: string, title: string } | undefined>
    >()
  })

  test('the owner columns are in no row to write', () => {
    const [ofIssues, ofDrafts] = [request.repository(issues), request.repository(drafts)]
    expect(ofIssues.insert).type.toBeCallableWith({ id: 1, title: 'x' })
    expect(ofIssues.insert).type.not.toBeCallableWith({ id: 1, title: 'x', orgId: 'y' })
    expect(ofDrafts.insert).type.toBeCallableWith([{ id: 1 }, { id: 2, body: 'x' }])
    expect(ofDrafts.insert).type.not.toBeCallableWith({ id: 1, userId: 'y' })
    expect(ofDrafts.insert).type.not.toBeCallableWith({ id: 1, orgId: 'y' })
    expect(ofDrafts.updateById).type.toBeCallableWith(1, { body: 'x' })
    expect(ofDrafts.updateById).type.not.toBeCallableWith(1, { orgId: 'y' })
    expect(ofDrafts.upsert).type.toBeCallableWith({ id: 1 }, { target: drafts.id })
    expect(request.db.insert(drafts).values).type.toBeCallableWith({ id: 1 })
    expect(request.db.update(issues).set({ title: 'x' }).where).type.toBeCallableWith(eq(issues.id, 1))
  })
})
