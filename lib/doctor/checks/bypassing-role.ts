import { quoted } from '../../internal/sql-names.js'
import type { Check } from '../check.js'

/** The role that statements run as is bound by no policy, or cannot be taken. */
export const bypassingRole: Check = ({ role, rowLevelSecurity }) => {
  if (role === undefined || !rowLevelSecurity) return []
  const place = `role ${role.name}`
  if (!role.exists || !role.canBeTaken) {
    return [
      {
        check: 'bypassing-role',
        severity: 'error',
        place,
        problem: role.exists ? "The connection's role is no member of it" : 'There is no such role',
        why: 'set local role fails, and with it every statement.',
        sql: role.exists
          ? `grant ${quoted(role.name)} to current_user;`
          : `create role ${quoted(role.name)} nologin nosuperuser nobypassrls;`
      }
    ]
  }
  if (!role.superuser && !role.bypassesRowLevelSecurity) return []
  return [
    {
      check: 'bypassing-role',
      severity: 'error',
      place,
      problem: role.superuser ? "The connection's role is a superuser" : "The connection's role has BYPASSRLS",
      why: 'No policy binds it: row-level security is on and does nothing.',
      sql: role.superuser
        ? `create role "app_user" nologin nosuperuser nobypassrls; grant "app_user" to ${quoted(role.name)}; grant ` +
          'select, insert, update, delete on all tables in schema public to "app_user";'
        : `alter role ${quoted(role.name)} nobypassrls;`,
      edit: 'Connect as a role that is neither superuser nor BYPASSRLS, or name one: rowLevelSecurity: { role: ' +
        "'app_user' }, and --role app_user here."
    }
  ]
}
