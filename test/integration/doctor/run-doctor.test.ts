import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { briefly, doctor, findings, goodEnvironment } from '../../fixtures/doctor-surroundings.js'
import { createHealthyTables } from '../../fixtures/healthy-schema.js'
import { startPostgres } from '../../fixtures/postgres.js'

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
    t.match(stdout, /No findings\./)
    t.equal(stderr, '')
  }
})

t.test('a schema alone and a database alone are checked at too', async (t) => {
  t.strictSame(briefly(await findings(schemaWords, goodEnvironment)), [])
  t.match((await doctor([], goodEnvironment)).stdout, /no schema: --schema names its module\nChecked no database/)
})

t.test('what the schema has and the database has not is drift', async (t) => {
  const url = await databaseWith(
    t,
    `${createHealthyTables}
    drop view late_tasks; alter table tasks drop column labels; alter table tasks alter column hours type numeric(8, 2); drop table days; create table extra (id integer)`
  )
  t.strictSame(
    briefly(await findings(schemaWords, { ...goodEnvironment, DATABASE_URL: url })),
    ['error drift days', 'error drift late_tasks', 'error drift tasks.hours', 'error drift tasks.labels'],
    "and tables that the schema does not have are not the app's"
  )
})

t.test('another owner column goes by the rule of the plugin', async (t) => {
  const found = await findings(
    ['--schema', 'test/fixtures/healthy-schema.ts', '--owner-column', 'account_id'],
    goodEnvironment
  )
  t.ok(found.some(({ check, place }) => check === 'unowned-table' && place === 'tasks'))
})

t.test('options of the plugin are judged as the plugin takes them', async (t) => {
  const folder = t.testdir()
  const [config, schema] = [`${folder}/options.mjs`, 'test/fixtures/healthy-schema.ts']
  writeFileSync(
    config,
    `
    import { plans } from ${JSON.stringify(pathToFileURL(schema).href)}
    export const ownerColumn = (table) => table.userId
    export const sharedTables = [plans]
    export const rowLevelSecurity = { setting: 'my.user' }`
  )
  const found = await findings(['--schema', schema, '--config', config], goodEnvironment)
  t.notOk(found.some(({ check }) => ['unowned-table', 'shared-table'].includes(check)))
  t.ok(found.some(({ check, edit }) => check === 'row-level-security' && /setting: 'my\.user'/.test(String(edit))))

  writeFileSync(`${folder}/nobody.mjs`, 'export const ownerColumn = () => undefined')
  t.match(
    await findings(
      ['--schema', schema, '--config', `${folder}/nobody.mjs`, '--shared-tables', 'plans'],
      goodEnvironment
    ),
    [
      {
        check: 'unowned-table',
        problem: /no owner column by the ownerColumn function/,
        edit: /Let ownerColumn return a column/
      }
    ]
  )
  for (const [name, text] of [
    ['wrong', '() => "user_id"'],
    ['empty', '""']
  ]) {
    writeFileSync(`${folder}/${name}.mjs`, `export const ownerColumn = ${text}`)
    t.match(await doctor(['--schema', schema, '--config', `${folder}/${name}.mjs`], goodEnvironment), {
      status: 2,
      stderr: /"ownerColumn" must/
    })
  }
})

for (const name of ['postgres', 'pg']) {
  t.test(`the database is read with ${name}, and cannot be written through the doctor`, async (t) => {
    const url = await databaseWith(t, createHealthyTables)
    const asked: string[] = []
    const importPackage = async (wanted: string) => {
      asked.push(wanted)
      return wanted === name ? await import(wanted) : undefined
    }
    t.strictSame(await findings(schemaWords, { ...goodEnvironment, DATABASE_URL: url }, { importPackage }), [])
    t.strictSame(asked, name === 'pg' ? ['postgres', 'pg'] : ['postgres'])
  })

  t.test(`a database that refuses is a finding, read with ${name}, and its password is not printed`, async (t) => {
    const { status, stdout } = await doctor(
      [],
      { ...goodEnvironment, DATABASE_URL: 'postgres://ada:hush-hush@127.0.0.1:1/none' },
      {
        importPackage: async (wanted) => (wanted === name ? await import(wanted) : undefined)
      }
    )
    t.equal(status, 1)
    t.match(stdout, /DATABASE_URL +The database could not be read: ECONNREFUSED/)
    t.notMatch(stdout, /hush-hush/)
  })
}

t.test('without "postgres" and "pg" one sentence says what to install', async (t) => {
  const { status, stderr } = await doctor(
    [],
    { ...goodEnvironment, DATABASE_URL: 'postgres://127.0.0.1/x' },
    { importPackage: async () => undefined }
  )
  t.equal(status, 2)
  t.match(stderr, /neither "postgres" nor "pg" is installed here: npm install/)
})

t.test('wrong usage ends with 2 and names the mistake', async (t) => {
  for (const [words, env, sentence] of [
    [['--nope'], {}, /--nope/],
    [['--env-file', 'not-there'], {}, /--env-file not-there could not be read: ENOENT/],
    [['--schema', 'not-there.js'], {}, /no such file/],
    [
      ['--schema', 'test/fixtures/healthy-schema.ts', '--shared-tables', 'prices'],
      {},
      /The shared table public\.prices does not exist/
    ],
    [[], { DATABASE_URL: 'mysql://root:hush@x/y' }, /must look like postgres:/]
  ] as Array<[string[], NodeJS.ProcessEnv, RegExp]>) {
    const { status, stdout, stderr } = await doctor(words, { ...goodEnvironment, ...env })
    t.equal(status, 2)
    t.equal(stdout, '')
    t.match(stderr, sentence)
    t.notMatch(stderr, /hush/)
  }
})

t.test('the environment comes before the file of --env-file', async (t) => {
  const folder = t.testdir({ env: 'BETTER_AUTH_SECRET=short\nFRONTEND_URL=nonsense\n' })
  const found = await findings(['--env-file', `${folder}/env`], {
    BETTER_AUTH_SECRET: goodEnvironment.BETTER_AUTH_SECRET
  })
  t.match(
    found.map(({ place }) => place),
    ['FRONTEND_URL']
  )
})

t.test('a line of progress is drawn on a terminal, and wiped', async (t) => {
  const url = await databaseWith(t, createHealthyTables)
  const { stderr } = await doctor(schemaWords, { ...goodEnvironment, DATABASE_URL: url }, { isTTY: true })
  t.match(stderr, /Importing .*Connecting .*Reading tables 1\/7 .*Reading views 7\/7 .*Checking 15\/15 /s)
  t.ok(stderr.endsWith('\r\u001b[K'))
})

t.test("an id of another type in Better Auth's table decides what fits an owner", async (t) => {
  const url = await databaseWith(
    t,
    `create table "user" (id uuid primary key, email text, email_verified boolean);
    create table tasks (id integer primary key generated always as identity, user_id uuid not null); create index on tasks (user_id)`
  )
  t.notOk((await findings([], { ...goodEnvironment, DATABASE_URL: url })).some(({ check }) => check === 'owner-type'))
})
