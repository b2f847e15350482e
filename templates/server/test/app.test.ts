import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { checkIsolation } from 'fastify-auth-integration/testing'
import { createApp } from '../src/app.ts'
import { openTestDatabase } from './database.ts'

interface Person { id: string, tasks: string, headers: { authorization: string } }

const db = await openTestDatabase()
const app = await createApp(db, { logger: false })
let ada: Person
let bob: Person

/** Signs somebody up as a browser does, and asks for a token. */
async function signUp (name: string): Promise<Person> {
  const signedUp = await app.inject({
    method: 'POST',
    url: '/api/auth/sign-up/email',
    body: { name, email: `${randomUUID()}@example.com`, password: randomUUID() }
  })
  assert.equal(signedUp.statusCode, 200, signedUp.body)
  const id: string = signedUp.json().user.id
  const cookies = Object.fromEntries(signedUp.cookies.map(({ name, value }) => [name, value]))
  const response = await app.inject({ url: '/api/auth/token', cookies })
  return { id, tasks: `/api/user/${id}/tasks`, headers: { authorization: `Bearer ${response.json().token}` } }
}

before(async () => {
  ada = await signUp('Ada')
  bob = await signUp('Bob')
})

after(async () => {
  await app.close()
  await db.$client.end()
})

test('a user writes a task and reads it again', async () => {
  const body = { title: 'Water the plants' }
  const made = await app.inject({ method: 'POST', url: ada.tasks, headers: ada.headers, body })
  assert.equal(made.statusCode, 201, made.body)
  const list = await app.inject({ url: ada.tasks, headers: ada.headers })
  assert.deepEqual(list.json().items.map(({ title }: { title: string }) => title), ['Water the plants'])
})

test('nobody reads tasks without a token', async () => {
  const response = await app.inject({ url: ada.tasks })
  assert.deepEqual([response.statusCode, response.json()], [401, { detail: 'Missing token' }])
})

test('a user does not read the tasks of another', async () => {
  const response = await app.inject({ url: ada.tasks, headers: bob.headers })
  assert.deepEqual([response.statusCode, response.json()], [403, { detail: 'Forbidden' }])
})

test('a user does not delete the task of another', async () => {
  const made = await app.inject({ method: 'POST', url: ada.tasks, headers: ada.headers, body: { title: 'Private' } })
  const response = await app.inject({ method: 'DELETE', url: `${bob.tasks}/${made.json().id}`, headers: bob.headers })
  assert.equal(response.statusCode, 404, response.body)
})

// Calls every route, those that you will add too, as two users and as nobody.
test('no route shows or changes what belongs to another user', async () => {
  const report = await checkIsolation(app, { users: [ada.id, bob.id] })
  assert.deepEqual(report.leaks, [])
  assert.deepEqual(report.unproven, [])
})
