import { parseEnv } from 'node:util'
import t from 'tap'
import { drizzleConfig, environment, gitignore, tsconfig } from '../../../lib/init/templates/settings.js'

t.test('the environment names all that the server reads', async (t) => {
  const { BETTER_AUTH_SECRET, ...rest } = parseEnv(environment('made-up'))
  t.equal(BETTER_AUTH_SECRET, 'made-up')
  for (const name of ['BETTER_AUTH_URL', 'DATABASE_URL', 'FRONTEND_URL']) t.ok(URL.canParse(rest[name]!), name)
})

t.test('git does not take the secret', async (t) => {
  t.ok(gitignore.split('\n').includes('.env'))
})

t.test('the tools read the sources by their extension', async (t) => {
  t.match(drizzleConfig('mts'), "schema: './src/schema.mts'")
  t.equal(JSON.parse(tsconfig).compilerOptions.strict, true)
})
