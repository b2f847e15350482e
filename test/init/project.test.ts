import t from 'tap'
import { packageName, readProject } from '../../lib/init/project.js'

t.test('a folder without package.json, or with one of ES modules, gets .ts', async (t) => {
  t.match(readProject(t.testdir({})), { manifest: undefined, ts: 'ts', js: 'js' })
  t.match(readProject(t.testdir({ 'package.json': '{"type":"module"}' })), { ts: 'ts', js: 'js' })
})

t.test('in a CommonJS package the sources are ES modules by their extension', async (t) => {
  t.match(readProject(t.testdir({ 'package.json': '{}' })), { ts: 'mts', js: 'mjs' })
  t.match(readProject(t.testdir({ 'package.json': '\uFEFF{"type":"commonjs"}' })), { ts: 'mts', js: 'mjs' })
})

t.test('a package.json that is none is refused before anything is written', async (t) => {
  for (const text of ['', '{', '[]', 'null', '"text"']) {
    t.throws(() => readProject(t.testdir({ 'package.json': text })), { name: 'InitError', message: /no JSON object/ })
  }
  t.throws(() => readProject(t.testdir({ 'package.json': {} })), { name: 'InitError', message: 'package.json could not be read: EISDIR' })
})

t.test('the name of a new package is the folder\'s, in what npm allows', async (t) => {
  t.equal(packageName('/srv/My API_2'), 'my-api-2')
  t.equal(packageName('/srv/--'), 'server')
  t.equal(packageName('/'), 'server')
})
