import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { briefly, doctor, findings, goodEnvironment } from '../fixtures/doctor-surroundings.js'
import { createHealthyTables } from '../fixtures/healthy-schema.js'
import { startPostgres } from '../fixtures/postgres.js'

const schemaWords = ['--schema', 'test/fixtures/healthy-schema.ts', '--shared-tables', 'plans']

async function databaseWith (t: Test, statements: string): Promise<string> {
  const { url } = await startPostgres(t)
  const sql = postgresJs(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(statements)
  await sql.end()
  return url
}

t.test('a healthy schema in a healthy database is left in silence', async (t) => {
  const url = await databaseWith(t, createHealthyTables)
  const env = { ...goodEnvironment, DATABASE_URL: url }
  for (const words of [schemaWords, ['--shared-tables', 'plans']]) {
    t.strictSame(briefly(await findings(words, env)), [])
    const { status, stdout, stderr } = await doctor(words, env)
    t.equal(status, 0)
    t.match(stdout, /Nothing to report\./)
    t.equal(stderr, '')
  }
})
