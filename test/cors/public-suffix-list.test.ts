import t from 'tap'
import { hosterSuffixes, registrySuffixes } from '../../lib/cors/public-suffix-list.js'

t.test('the list is whole: brackets are balanced and names are labels as browsers write them', async (t) => {
  for (const text of [registrySuffixes, hosterSuffixes]) {
    t.equal(text.split('(').length, text.split(')').length)
    t.match(text.replace(/[(),\n]+/g, ' ').trim(), /^(?:[.!]?(?:\*|[a-z0-9-]+) ?)+$/)
    t.ok(text.length > 30_000)
  }
})
