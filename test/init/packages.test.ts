import { readFileSync } from 'node:fs'
import t from 'tap'
import { completedManifest, neededPackages, newManifest, scripts } from '../../lib/init/packages.js'
import { readProject } from '../../lib/init/project.js'

const own = JSON.parse(readFileSync('package.json', 'utf8'))

t.test('a new package.json asks for versions that this package is tested with', async (t) => {
  const manifest = JSON.parse(newManifest(readProject(t.testdir({}))))
  t.equal(manifest.type, 'module')
  t.equal(manifest.private, true)
  t.same(manifest.engines, own.engines)
  t.equal(manifest.dependencies['fastify-auth-integration'], `^${own.version}`)
  t.equal(manifest.dependencies['drizzle-orm'], '~0.45.2', 'the version that drizzle-kit is of')
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    t.match(range, /^[\^~]\d/, name)
  }
})

t.test('only the packages that package.json does not name have to be installed', async (t) => {
  const project = readProject(t.testdir({
    'package.json': JSON.stringify({ dependencies: { fastify: '^5.0.0', 'fastify-auth-integration': '*' }, devDependencies: { tsx: '*', postgres: '*' } })
  }))
  t.same(neededPackages(project), { unfit: [], runtime: ['drizzle-orm', 'better-auth'], development: ['drizzle-kit', 'typescript', '@types/node'] })
})

t.test('the commands name the sources by their extension', async (t) => {
  const { start } = scripts(readProject(t.testdir({ 'package.json': '{}' })))
  t.equal(start, 'node dist/server.mjs')
})

t.test('a package in a version that would end the install with ERESOLVE is named with the version it takes', async (t) => {
  const needed = (versions: Record<string, string>) => neededPackages(readProject(t.testdir({
    'package.json': JSON.stringify({ dependencies: versions })
  })))
  const range = own.peerDependencies['drizzle-orm'].split('||')[0].trim()
  t.match(needed({ 'drizzle-orm': '^0.36.4' }), {
    runtime: ['fastify-auth-integration', 'fastify', `drizzle-orm@${range}`, 'postgres', 'better-auth'],
    unfit: [/^package\.json asks for drizzle-orm \^0\.36\.4, and fastify-auth-integration for ~0\.45/]
  })
  t.match(needed({ fastify: '^4.28.0' }).unfit, [/fastify \^4\.28\.0/])
  for (const fine of ['^0.45.2', '~0.45.4', '0.45.4', '*', 'latest', 'workspace:*']) {
    t.strictSame(needed({ 'drizzle-orm': fine }).unfit, [], fine)
  }
  for (const fine of ['^5.0.0', '5.1.0', '5', '^5']) t.strictSame(needed({ fastify: fine }).unfit, [], fine)
})

t.test('a package.json that is there keeps what it says, and gets the scripts and packages that it lacks', async (t) => {
  const folder = t.testdir({
    'package.json': JSON.stringify({ name: 'app', scripts: { dev: 'vite' }, dependencies: { fastify: '^5.1.0' } })
  })
  const { name, scripts, dependencies, devDependencies } = JSON.parse(completedManifest(readProject(folder)))
  t.equal(name, 'app')
  t.match(scripts, { dev: 'vite', 'db:generate': 'drizzle-kit generate' })
  t.match(dependencies, { fastify: '^5.1.0', 'drizzle-orm': '~0.45.2' })
  t.equal(devDependencies['drizzle-kit'], own.devDependencies['drizzle-kit'])
})
