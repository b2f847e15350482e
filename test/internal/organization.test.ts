import t from 'tap'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { parseOrganization } from '../../lib/internal/organization.js'

const issues = pgTable('issues', { orgId: text('org_id').notNull() })

t.test('true stands for the defaults, and false for no organizations', (t) => {
  t.strictSame(parseOrganization(true), {
    claim: 'org_id', column: 'org_id', params: ['org_id', 'orgId'], setting: 'app.org_id', authored: []
  })
  t.equal(parseOrganization(false), undefined)
  t.equal(parseOrganization(undefined), undefined)
  t.end()
})

t.test('what is given stands, and no later change of the app reaches it', (t) => {
  const authored = [issues]
  const parsed = parseOrganization({ claim: 'tenant', column: 'tenant_id', params: false, setting: 'x.y', authored })
  authored.pop()
  t.strictSame(parsed, { claim: 'tenant', column: 'tenant_id', params: [], setting: 'x.y', authored: [issues] })
  t.end()
})

t.test('a mistake in it is refused with a sentence that names the part', (t) => {
  const mistakes: Array<[unknown, RegExp]> = [
    ['org_id', /^"organization" must be true, false or an object with claim, column/],
    [null, /^"organization" must be/],
    [[], /^"organization" must be/],
    [{ colum: 'org_id' }, /^"organization.colum" is not an option; .* Did you mean "column"\?/],
    [{ claim: '' }, /^"organization.claim" must be the name of a claim/],
    [{ column: 1 }, /^"organization.column" must be the name of a column/],
    [{ params: 'org_id' }, /^"organization.params" must be false, or a list/],
    [{ params: [''] }, /^"organization.params" must be false, or a list/],
    [{ setting: 'org_id' }, /^"organization.setting" is a custom one with a dot in it, such as "app.org_id"/],
    [{ authored: ['issues'] }, /^"organization.authored" must be a list of tables/]
  ]
  for (const [option, message] of mistakes) {
    t.throws(() => parseOrganization(option as never), { name: 'TypeError', message }, JSON.stringify(option))
  }
  t.end()
})
