import type { TableFacts } from './facts.js'

// Source: Better Auth's core schema. Its adapters write the columns as userId or as user_id.
const shapes: Record<string, string[]> = {
  user: ['id', 'email', 'emailVerified'],
  session: ['id', 'token', 'userId', 'expiresAt'],
  account: ['id', 'accountId', 'providerId', 'userId'],
  verification: ['id', 'identifier', 'value'],
  jwks: ['id', 'publicKey', 'privateKey'],
  rateLimit: ['key', 'count', 'lastRequest']
}

/** The tables that Better Auth cannot do without. */
export const coreTables = ['user', 'session', 'account', 'verification']

/** Which of Better Auth's tables this one is, by its name (plural too) and its columns. */
export function betterAuthTable (table: TableFacts): string | undefined {
  const name = plain(table.name)
  const columns = new Set(table.columns.map((column) => plain(column.name)))
  return Object.keys(shapes).find((known) =>
    (name === plain(known) || name === `${plain(known)}s`) && shapes[known]!.every((column) => columns.has(plain(column))))
}

function plain (name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}
