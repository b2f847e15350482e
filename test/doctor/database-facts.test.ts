import t from 'tap'
import { databaseFacts } from '../../lib/doctor/database-facts.js'

t.test('everything is read in one read-only transaction, rolled back even when reading fails', async (t) => {
  const sent: string[] = []
  const broken = async (statement: string): Promise<never[]> => {
    sent.push(statement)
    if (/pg_roles/.test(statement)) throw new Error('connection lost')
    return []
  }
  await t.rejects(databaseFacts(broken, undefined), { message: 'connection lost' })
  t.match(sent[0], /^begin transaction .*read only$/)
  t.equal(sent.at(-1), 'rollback')
})
