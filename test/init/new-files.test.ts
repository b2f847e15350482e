import t from 'tap'
import { newFiles } from '../../lib/init/new-files.js'
import { readProject } from '../../lib/init/project.js'

t.test('every import between the written files leads to one of them', async (t) => {
  for (const manifest of ['{}', '{"type":"module"}']) {
    const files = newFiles(readProject(t.testdir({ 'package.json': manifest })))
    const paths = new Set(files.map(({ path }) => path))
    for (const { path, text } of files) {
      for (const [, specifier] of text.matchAll(/from '(\.[^']+)'/g)) {
        const target = new URL(specifier!, `file:///${path}`).pathname.slice(1).replace(/js$/, 'ts')
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
