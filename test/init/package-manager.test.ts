import t from 'tap'
import { commandsOf, packageManagerOf } from '../../lib/init/package-manager.js'

t.test('the lock file of a folder, or of the workspace that it belongs to, says the package manager', async (t) => {
  for (const [file, manager] of [
    ['pnpm-lock.yaml', 'pnpm'], ['yarn.lock', 'yarn'], ['bun.lock', 'bun'], ['package-lock.json', 'npm']
  ] as const) {
    const folder = t.testdir({ [file]: '', packages: { server: {} } })
    t.equal(packageManagerOf(folder, undefined, undefined), manager)
    t.equal(packageManagerOf(`${folder}/packages/server`, undefined, 'yarn/4.0.0 npm/?'), manager)
  }
})

t.test('package.json goes first, and what started the process last', async (t) => {
  const folder = t.testdir({ '.git': {}, 'yarn.lock': '' })
  t.equal(packageManagerOf(folder, { packageManager: 'pnpm@10.0.0' }, undefined), 'pnpm')
  const empty = t.testdir({ '.git': {} })
  t.equal(packageManagerOf(empty, undefined, 'pnpm/10.0.0 npm/? node/v22'), 'pnpm')
  t.equal(packageManagerOf(empty, undefined, undefined), 'npm', 'the repository\'s own lock file is not looked for above it')
})

t.test('each has its own words for the same commands', async (t) => {
  t.equal(commandsOf('npm').addDevelopment(['tsx']), 'npm install --save-dev tsx')
  t.equal(commandsOf('pnpm').addDevelopment(['tsx']), 'pnpm add --save-dev tsx')
  t.equal(commandsOf('yarn').add(['drizzle-orm@~0.45.2']), 'yarn add "drizzle-orm@~0.45.2"', 'no shell reads the tilde')
  t.strictSame((['npm', 'pnpm', 'yarn', 'bun'] as const).map((name) => commandsOf(name).run('dev')), [
    'npm run dev', 'pnpm run dev', 'yarn run dev', 'bun run dev'
  ])
})
