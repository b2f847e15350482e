import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { startPostgres } from '../../../test/fixtures/postgres.js'
import { createApp } from '../app.js'
import { openDatabase } from '../database.js'
import { findPlaces } from '../places.js'
import { readSettings } from '../settings.js'

/** The app of the example on a database of its own, ready and without a port; closed at teardown. */
export async function runningApp (t: Pick<Test, 'teardown'>): Promise<{ app: FastifyInstance, databaseUrl: string }> {
  const { url: databaseUrl } = await startPostgres(t)
  process.env.BETTER_AUTH_SECRET = randomBytes(32).toString('base64url')
  const settings = readSettings({ BETTER_AUTH_SECRET: process.env.BETTER_AUTH_SECRET, DATABASE_URL: databaseUrl })
  const database = await openDatabase(settings)
  t.teardown(database.close)
  const app = await createApp(settings, findPlaces(settings, 3001), database.db)
  t.teardown(() => app.close())
  await app.ready()
  return { app, databaseUrl }
}

/** Somebody with an account; resolves to their id. */
export async function signUp (app: FastifyInstance, name: string): Promise<string> {
  const payload = { name, email: `${name.toLowerCase()}@example.com`, password: `the password of ${name}` }
  const answer = await app.inject({
    method: 'POST',
    url: '/api/auth/sign-up/email',
    headers: { origin: 'http://127.0.0.1:3000' },
    payload
  })
  if (answer.statusCode !== 200) throw new Error(`Sign-up answered ${answer.statusCode}: ${answer.body}`)
  return (answer.json() as { user: { id: string } }).user.id
}
