import { quoted } from '../../internal/sql-names.js'
import { ownedTables, type Check } from '../check.js'
import { placeOf, tableName } from '../sql-names.js'

const writes = new RegExp([
  'insert\\s+into', 'update\\s+(?:only\\s+)?[\\w".]+\\s+(?:as\\s+)?\\w*\\s*set', 'delete\\s+from', 'merge\\s+into',
  'truncate', 'execute'
].map((form) => `\\b${form}\\b`).join('|'), 'i')

/** A trigger or rule that writes rows, where the scope does not reach. */
export const triggers: Check = (examined) =>
  ownedTables(examined).flatMap((table) =>
    table.triggers
      // Most triggers only touch the row they were called for: `new.updated_at := now()`.
      .filter((trigger) => trigger.kind === 'rule' || writes.test(withoutComments(trigger.body)))
      .map((trigger) => ({
        check: 'triggers',
        severity: 'warning',
        place: placeOf(table, trigger.name),
        problem: `A ${trigger.kind} writes ` +
          `rows${trigger.securityDefiner ? " with the rights of its function's owner (security definer)" : ''}`,
        why: 'Its statements are its own: no scope is put around them, and with security definer no policy either. ' +
          "It can reach from one user's row into another's.",
        sql: `drop ${trigger.kind} ${quoted(trigger.name)} on ${tableName(table)};`,
        edit: `Read it. Where every statement in it is bound to the owner (… where ${quoted(table.owner)} = ` +
          `new.${quoted(table.owner)}), it can stay.`
      }))
  )

function withoutComments (body: string): string {
  return body.replaceAll(/--[^\n]*/g, '').replaceAll(/\/\*[\s\S]*?\*\//g, '')
}
