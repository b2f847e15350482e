import t, { type Test } from 'tap'
import { readProject, type Project } from '../../lib/init/project.js'
import { commandsOf } from '../../lib/init/package-manager.js'
import { report as reportOf } from '../../lib/init/report.js'
import type { Written } from '../../lib/init/write-files.js'

const report = (project: Project, files: Written) => reportOf(project, commandsOf('npm'), files)
const complete = { scripts: {}, type: 'module' }
const reportOn = (t: Test, files: Record<string, string | object>, left: string[]) => {
  const text = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? content : JSON.stringify(content)]))
  return report(readProject(t.testdir(text)), { written: [], left })
}

t.test('an environment file that was left is told what it lacks, and none of its values', async (t) => {
  const said = reportOn(t, { '.env': 'DATABASE_URL=postgres://me:hush@db/app\nFRONTEND_URL=\n' }, ['.env'])
  t.match(said, '.env has no BETTER_AUTH_SECRET, BETTER_AUTH_URL, FRONTEND_URL\n')
  t.match(said, 'crypto.randomBytes(32)')
  t.notMatch(said, 'hush')
})

t.test('a folder in the place of a file is read as an empty one', async (t) => {
  t.match(report(readProject(t.testdir({ '.env': {}, '.gitignore': {} })), { written: [], left: ['.env', '.gitignore'] }), '.env has no BETTER_AUTH_SECRET')
})

t.test('an environment file that is complete needs no word', async (t) => {
  const text = 'BETTER_AUTH_SECRET=a\nBETTER_AUTH_URL=b\nDATABASE_URL=c\nFRONTEND_URL=d\n'
  t.notMatch(reportOn(t, { '.env': text }, ['.env']), /Please check/)
})

t.test('an environment file that git would take is told', async (t) => {
  const warning = /\.gitignore does not name \.env/
  t.match(reportOn(t, { '.gitignore': 'node_modules\n.env.local\n' }, ['.gitignore']), warning)
  for (const line of ['.env', '/.env', '.env*', '**/.env', ' .env \r']) {
    t.notMatch(reportOn(t, { '.gitignore': `a\n${line}\n` }, ['.gitignore']), warning, JSON.stringify(line))
  }
})

t.test('sources that were left may not fit those that were written', async (t) => {
  t.match(reportOn(t, {}, ['src/app.ts']), /see that those that were there fit them/)
  t.notMatch(reportOn(t, {}, ['tsconfig.json']), /Please check/)
})

t.test('beside a package.json the packages and the scripts it lacks are commands to run', async (t) => {
  const said = reportOn(t, { 'package.json': { ...complete, dependencies: { fastify: '^5.0.0' } } }, ['package.json'])
  t.match(said, '1. npm install fastify-auth-integration drizzle-orm postgres better-auth\n')
  t.match(said, '2. npm install --save-dev drizzle-kit tsx typescript @types/node\n')
  t.match(said, /3\. npm pkg set "scripts\.dev=node --import tsx .*" "scripts\.start=.*" "scripts\.db:generate=drizzle-kit generate"/)
})

t.test('a script of the app\'s own keeps its name, and ours is told as what it runs', async (t) => {
  const said = reportOn(t, { 'package.json': { ...complete, scripts: { dev: 'vite', 'db:generate': 'prisma generate' } } }, ['package.json'])
  t.notMatch(said, '"scripts.dev=')
  t.match(said, '. node --import tsx --watch src/server.ts ')
  t.match(said, '. npx drizzle-kit generate ')
  t.match(said, '. npm test ')
})

t.test('the test script that npm init writes is none', async (t) => {
  const scripts = { test: 'echo "Error: no test specified" && exit 1' }
  t.match(reportOn(t, { 'package.json': { ...complete, scripts } }, ['package.json']), '"scripts.test=node ')
})

t.test('where all is named and nothing is installed, it is npm install', async (t) => {
  const names = ['fastify-auth-integration', 'fastify', 'drizzle-orm', 'postgres', 'better-auth', 'drizzle-kit', 'tsx', 'typescript', '@types/node']
  const manifest = { ...complete, dependencies: Object.fromEntries(names.map((name) => [name, '*'])) }
  t.match(reportOn(t, { 'package.json': manifest }, ['package.json']), '1. npm install\n')
})

t.test('in a CommonJS package it is told why the sources are .mts', async (t) => {
  t.match(reportOn(t, { 'package.json': {} }, ['package.json']), /package\.json says CommonJS, so the sources are \.mts/)
})

t.test('where all is named and installed, nothing is to be installed', async (t) => {
  const names = ['fastify-auth-integration', 'fastify', 'drizzle-orm', 'postgres', 'better-auth', 'drizzle-kit', 'tsx', 'typescript', '@types/node']
  const folder = t.testdir({ 'package.json': JSON.stringify({ devDependencies: Object.fromEntries(names.map((name) => [name, '*'])) }), node_modules: {} })
  t.notMatch(report(readProject(folder), { written: [], left: ['package.json'] }), /npm install/)
})
