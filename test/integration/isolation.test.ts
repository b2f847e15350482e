import t from 'tap'
import { canary, startTaskPlace } from '../fixtures/canary.js'
import { layers, ofOrganizations, throughPgbouncer } from '../fixtures/settings.js'
import { refused } from './access-paths/refused.js'
import { fragments } from './access-paths/fragments.js'
import { handles } from './access-paths/handles.js'
import { reads } from './access-paths/reads.js'
import { relationsAndViews } from './access-paths/relations-and-views.js'
import { statements } from './access-paths/statements.js'
import { writes } from './access-paths/writes.js'

// What A may try to reach a row of B: the same access paths in every setting, and what differs is said where it does. Texts that are judged
// before anything is sent do not depend on how PostgreSQL is reached.
const accessPaths = { reads, 'relations and views': relationsAndViews, writes, handles, refused }
const judged = { fragments, statements }

for (const setting of [...layers, ...layers.map(ofOrganizations), ...layers.map(throughPgbouncer)]) {
  t.test(setting.name, { skip: setting.skip }, async (t) => {
    const tried = await canary(t, await startTaskPlace(t, setting))
    for (const [name, accessPath] of Object.entries(setting.isPooled ? accessPaths : setting.owner === 'organization' ? { ...accessPaths, statements } : { ...accessPaths, ...judged })) {
      await t.test(name, async (t) => {
        await tried.reset()
        accessPath(t, tried)
      })
    }
  })
}
