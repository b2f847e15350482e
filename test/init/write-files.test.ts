import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { writeFiles } from '../../lib/init/write-files.js'

t.test('a file that is there is left, byte for byte, and named', async (t) => {
  const folder = t.testdir({ src: { 'app.ts': 'mine' } })
  const result = writeFiles(folder, [{ path: 'src/app.ts', text: 'yours' }, { path: 'src/server.ts', text: 'new' }])
  t.same(result, { written: ['src/server.ts'], left: ['src/app.ts'] })
  t.equal(readFileSync(join(folder, 'src/app.ts'), 'utf8'), 'mine')
  t.equal(readFileSync(join(folder, 'src/server.ts'), 'utf8'), 'new')
})

t.test('a folder of the same name is left as well', async (t) => {
  t.same(writeFiles(t.testdir({ '.env': {} }), [{ path: '.env', text: '' }]), { written: [], left: ['.env'] })
})

t.test('a link that leads nowhere is not written through', { skip: process.platform === 'win32' }, async (t) => {
  const folder = t.testdir({})
  symlinkSync(join(folder, 'elsewhere'), join(folder, '.env'))
  t.same(writeFiles(folder, [{ path: '.env', text: 'SECRET=1' }]), { written: [], left: ['.env'] })
  t.ok(lstatSync(join(folder, '.env')).isSymbolicLink())
  t.notOk(existsSync(join(folder, 'elsewhere')))
})

t.test('a file that cannot be written is named with what was written before it', async (t) => {
  const folder = t.testdir({ src: 'a file' })
  const files = [{ path: 'a', text: '' }, { path: 'src/app.ts', text: '' }]
  t.throws(() => writeFiles(folder, files.slice(1)), { name: 'InitError', message: /^src\/app\.ts could not be written: E\w+\. Nothing was written\.$/ })
  t.throws(() => writeFiles(folder, files), { message: /Written before it: a\.$/ })
})
