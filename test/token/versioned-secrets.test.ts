import t from 'tap'
import { parseVersionedSecrets } from '../../lib/token/versioned-secrets.js'

t.test('entries are read in their order, white space around them dropped', async (t) => {
  t.strictSame(parseVersionedSecrets('2:new, 1: old '), [{ version: 2, value: 'new' }, { version: 1, value: 'old' }])
})

t.test('a colon belongs to the secret', async (t) => {
  t.strictSame(parseVersionedSecrets('0:a:b:c'), [{ version: 0, value: 'a:b:c' }])
})

t.test('what is malformed is named by its position, never by its content', async (t) => {
  const wrong: Array<[string, RegExp]> = [
    ['2:new,hidden', /entry 2 must be/],
    ['2:new,', /entry 2 must be/],
    ['x:hidden', /entry 1 must be/],
    ['-1:hidden', /entry 1 must be/],
    ['1.5:hidden', /entry 1 must be/],
    ['2:new,1:', /entry 2 has no secret after version 1/],
    ['2:new,2:hidden', /entry 2 repeats version 2/],
    ['2:new,02:hidden', /entry 2 repeats version 2/]
  ]
  for (const [text, message] of wrong) {
    t.throws(() => parseVersionedSecrets(text), { name: 'TypeError', message })
    try { parseVersionedSecrets(text) } catch (error) { t.notMatch((error as Error).message, /hidden/) }
  }
})
