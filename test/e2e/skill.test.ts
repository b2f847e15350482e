import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgresJs from 'postgres'
import t from 'tap'
import { newcomersFolder, ownEnvironment } from '../fixtures/packed-package.js'
import { startPostgres } from '../fixtures/postgres.js'
import { secret } from '../fixtures/tokens.js'

// An app with the mistakes that the skill is for, and an agent that does what it says.

const cli = 'node_modules/fastify-auth-integration/dist/cli.js'
const folderOfSkill = '.claude/skills/auth-integration'

const oldSchema = `import { integer, pgTable, text } from 'drizzle-orm/pg-core'
export const tasks = pgTable('tasks', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  userId: text('user_id'),
  title: text('title').notNull(),
  createdAt: integer('created_at').notNull()
})
`

const oldApp = `import Fastify from 'fastify'
import { drizzle } from 'drizzle-orm/postgres-js'
import { tasks } from './schema.js'

const db = drizzle(process.env.DATABASE_URL)
export async function createApp () {
  const app = Fastify()
  app.addHook('onSend', async (request, reply) => { reply.header('access-control-allow-origin', 'https://web.example.app') })
  app.get('/tasks', async () => {
    console.log('\\u{1F680} all tasks')
    return await db.select().from(tasks)
  })
  return app
}
`

const newApp = `import Fastify from 'fastify'
import { drizzle } from 'drizzle-orm/postgres-js'
import authIntegration, { loggerOptions } from 'fastify-auth-integration'
import { tasks } from './schema.js'

export async function createApp () {
  const db = drizzle(process.env.DATABASE_URL)
  const app = Fastify({ logger: loggerOptions() })
  await app.register(authIntegration, { hook: 'onRequest', db })
  app.addHook('onClose', async () => await db.$client.end())
  app.get('/tasks', async (request) => await request.repository(tasks).findMany({ limit: 50 }))
  const body = {
    type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false
  }
  app.post('/tasks', { schema: { body } }, async (request) => await request.repository(tasks).insert(request.body))
  return app
}
`

t.test('an app with the mistakes becomes one that the doctor and checkIsolation have nothing against', async (t) => {
  const folder = newcomersFolder(t, ['fastify', 'drizzle-orm', 'postgres'])
  const { url } = await startPostgres(t)
  const sql = postgresJs(url, { max: 1, onnotice: () => {} })
  t.teardown(() => sql.end())
  await sql`create table tasks (id integer primary key generated always as identity, user_id text, title text not null,
    created_at integer not null)`
  await sql`insert into tasks (user_id, title, created_at) values ('ada', 'Old', 1732233600)`
  const put = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  put('package.json', '{ "type": "module" }')
  put('.env', `BETTER_AUTH_SECRET=${secret}\nDATABASE_URL=${url}\nFRONTEND_URL=https://web.example.app\n`)
  put('src/schema.js', oldSchema)
  put('src/app.js', oldApp)

  const env = ownEnvironment({ BETTER_AUTH_SECRET: secret, DATABASE_URL: url })
  const run = async (words: string[]) => await promisify(execFile)(process.execPath, words, { cwd: folder, env })
    .then((out) => ({ status: 0, ...out }), (error) => ({ status: error.code, stdout: error.stdout, stderr: error.stderr }))

  t.match(await run([cli, 'skill']), { status: 0, stdout: `Written: ${folderOfSkill}/SKILL.md\n` })
  t.match(await run([cli, 'skill']), { status: 0, stdout: `Not overwritten, because it exists: ${folderOfSkill}/SKILL.md\n` })
  const read = (path: string) => readFileSync(join(folder, folderOfSkill, path), 'utf8').replaceAll('\r\n', '\n')
  const block = (path: string) => /```js\n([\s\S]*?)```/.exec(read(path))![1]!

  // Every command that the skill names, in its order.
  const commands = [...read('SKILL.md').matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, text]) => text!.trim().split('\n'))
  const [survey, install, ...proof] = commands
  t.equal(install, 'npm install fastify-auth-integration')
  const words = (command: string) => command.replace(/^npx fastify-auth-integration/, cli).replace(/^node /, '').split(' ')

  const before = await run(words(survey!))
  t.equal(before.status, 1)
  for (const check of ['timestamp-type', 'owner-nullable', 'owner-index']) t.match(before.stdout, `check: ${check}\n`)

  const findings = JSON.parse((await run([...words(survey!), '--json'])).stdout).findings as Array<{ sql: string }>
  for (const finding of findings) await sql.unsafe(finding.sql)
  await sql`alter table tasks add column updated_at timestamptz not null default now()`
  put('src/schema.js', block('references/schema.md'))
  put('src/app.js', newApp)
  put('test/isolation.test.js', block('references/isolation.md'))

  t.equal(proof.length, 2)
  for (const command of proof) t.match(await run(words(command)), { status: 0 }, command)
  const [row] = await sql`select created_at from tasks where title = 'Old'`
  t.equal(row!.created_at.getTime(), 1732233600000, 'the instant is the same')
})

t.test('what the skill refers to is there, and all of it is ASCII', async (t) => {
  const folder = 'skills/auth-integration'
  const text = readFileSync(`${folder}/SKILL.md`, 'utf8')
  for (const [, path] of text.matchAll(/\]\(([^)]+)\)/g)) {
    // eslint-disable-next-line no-control-regex
    t.match(readFileSync(`${folder}/${path}`, 'utf8'), /^[\x00-\x7f]+$/, path!)
  }
})
