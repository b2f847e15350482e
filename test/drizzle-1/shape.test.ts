import t from 'tap'
import { findFault } from '../../lib/drizzle/shape-1.js'
import { drizzle, expectShape } from '../../lib/drizzle/version.js'

t.test('the installed Drizzle is known, by what it builds', async (t) => {
  t.match(drizzle.name, /^1\./)
  t.equal(findFault(), undefined)
  t.doesNotThrow(() => expectShape(drizzle))
})

t.test('one that builds a statement otherwise is refused with the kind of statement', async (t) => {
  t.throws(() => expectShape({ ...drizzle, fault: () => 'a relational statement' }), {
    message: 'The drizzle-orm that is installed is not one fastify-auth-integration knows (a relational statement is not as in 1.0.0-rc.5): install drizzle-orm 1.0.0-rc.5 or 0.45'
  })
})
