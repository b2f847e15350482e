import { parseEnv } from 'node:util'
import t, { type Test } from 'tap'
import { newFiles as filesOf } from '../../lib/init/new-files.js'
import { commandsOf, type PackageManager } from '../../lib/init/package-manager.js'
import { readProject, type Project } from '../../lib/init/project.js'

const newFiles = (project: Project, manager: PackageManager = 'npm') => filesOf(project, commandsOf(manager))

t.test('every import between the written files leads to one of them', async (t) => {
  for (const manifest of ['{}', '{"type":"module"}']) {
    const files = newFiles(readProject(t.testdir({ 'package.json': manifest })))
    const paths = new Set(files.map(({ path }) => path))
    for (const { path, text } of files) {
      for (const [, specifier] of text.matchAll(/(?:from|import) '(\.[^']+)'/g)) {
        const target = new URL(specifier!, `file:///${path}`).pathname.slice(1)
        t.ok(paths.has(target), `${path} imports ${specifier}`)
      }
    }
  }
})

t.test('the files end with a line break and hold no tab and no space at the end of a line', async (t) => {
  for (const { path, text } of newFiles(readProject(t.testdir({})))) {
    t.match(text, /[^\n]\n$/, path)
    t.notMatch(text, /\t|[ ]\n/, path)
  }
})

const textOf = (t: Test, path: string, manifest?: string, manager?: PackageManager) => {
  const folder = t.testdir(manifest === undefined ? {} : { 'package.json': manifest })
  return newFiles(readProject(folder), manager).find((file) => file.path === path)!.text
}

t.test('the environment names all that the server reads, with a secret of its own', async (t) => {
  const { BETTER_AUTH_SECRET, ...rest } = parseEnv(textOf(t, '.env'))
  t.equal(Buffer.from(BETTER_AUTH_SECRET!, 'base64url').length, 32)
  for (const name of ['BETTER_AUTH_URL', 'DATABASE_URL', 'FRONTEND_URL']) t.ok(URL.canParse(rest[name]!), name)
})

t.test('neither git nor an image takes the secret', async (t) => {
  for (const path of ['.gitignore', '.dockerignore']) t.ok(textOf(t, path).split('\n').includes('.env'), path)
})

t.test('in a CommonJS package every file names the sources as ES modules', async (t) => {
  t.match(textOf(t, 'drizzle.config.ts', '{}'), "schema: './src/schema.mts'")
  t.match(textOf(t, 'src/server.mts', '{}'), "from './app.mts'")
  t.match(textOf(t, 'Dockerfile', '{}'), 'CMD ["node", "dist/server.mjs"]')
})

t.test('the image is built with the package manager of the folder', async (t) => {
  t.match(textOf(t, 'Dockerfile'), 'RUN npm ci\nRUN npm run build\nRUN npm prune --omit=dev\n')
  t.match(textOf(t, 'Dockerfile', undefined, 'pnpm'), /RUN .*pnpm install --frozen-lockfile\nRUN pnpm run build\nRUN pnpm prune/)
})

t.test('the app\'s own table has an owner and an index that begins with it', async (t) => {
  const schema = textOf(t, 'src/schema.ts')
  t.match(schema, "userId: text('user_id').notNull().references(() => user.id, { onDelete: 'cascade' })")
  t.match(schema, "index('tasks_user_id').on(table.userId, table.id)")
})

t.test('the plugin is registered before the first route, and checks before the body is read', async (t) => {
  const text = textOf(t, 'src/app.ts')
  t.ok(text.indexOf('app.register(authIntegration') < text.indexOf('app.get('))
  t.match(text, "hook: 'onRequest'")
})
