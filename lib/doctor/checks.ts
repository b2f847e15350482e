import { betterAuthTables } from './checks/better-auth-tables.js'
import { bypassingRole } from './checks/bypassing-role.js'
import { drift } from './checks/drift.js'
import { foreignKeys } from './checks/foreign-keys.js'
import { origins } from './checks/origins.js'
import { ownerColumn } from './checks/owner-column.js'
import { ownerIndex } from './checks/owner-index.js'
import { rowLevelSecurity } from './checks/row-level-security.js'
import { secret } from './checks/secret.js'
import { sharedTable } from './checks/shared-table.js'
import { timestampType } from './checks/timestamp-type.js'
import { triggers } from './checks/triggers.js'
import { uniqueAcrossUsers } from './checks/unique-across-users.js'
import { unownedTable } from './checks/unowned-table.js'
import { views } from './checks/views.js'
import type { Check } from './check.js'

/** Every check, in the order of the progress line. */
export const checks: Check[] = [
  secret, origins, betterAuthTables, drift, unownedTable, sharedTable, ownerColumn, ownerIndex, uniqueAcrossUsers,
  foreignKeys, triggers, timestampType, rowLevelSecurity, bypassingRole, views
]
