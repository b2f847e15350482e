import { readFileSync } from 'node:fs'
import t from 'tap'
import { errorsPage, page } from '../../scripts/errors-page.js'

t.test('docs/errors.md is what the tables say: npm run docs:errors', (t) => {
  t.equal(readFileSync(page, 'utf8').replaceAll('\r\n', '\n'), errorsPage())
  t.end()
})
