import { readFileSync } from 'node:fs'
import t from 'tap'
import { missingPackages, newManifest, scripts } from '../../lib/init/packages.js'
import { readProject } from '../../lib/init/project.js'

const own = JSON.parse(readFileSync('package.json', 'utf8'))

t.test('a new package.json asks for versions that this package is tested with', async (t) => {
  const manifest = JSON.parse(newManifest(readProject(t.testdir({}))))
  t.equal(manifest.type, 'module')
  t.equal(manifest.private, true)
  t.same(manifest.engines, own.engines)
  t.equal(manifest.dependencies['fastify-auth-integration'], `^${own.version}`)
  t.equal(manifest.dependencies['drizzle-orm'], own.peerDependencies['drizzle-orm'])
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    t.match(range, /^[\^~]\d/, name)
  }
})

t.test('only the packages that package.json does not name have to be installed', async (t) => {
  const project = readProject(t.testdir({
    'package.json': JSON.stringify({ dependencies: { fastify: '^5.0.0', 'fastify-auth-integration': '*' }, devDependencies: { tsx: '*', postgres: '*' } })
  }))
  t.same(missingPackages(project), { runtime: ['drizzle-orm', 'better-auth'], development: ['drizzle-kit', 'typescript', '@types/node'] })
})

t.test('the commands name the sources by their extension', async (t) => {
  const { start } = scripts(readProject(t.testdir({ 'package.json': '{}' })))
  t.match(start, /src\/server\.mts$/)
})
