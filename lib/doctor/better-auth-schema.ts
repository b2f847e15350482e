import type { TableFacts } from './facts.js'

/** How a table of Better Auth's is known: its usual name with some columns, or its columns under any name. */
interface Shape {
  columns: string[]
  /** Columns that, with the others, no other table is likely to have: the app may have named it otherwise. */
  anyName?: string[]
}

// Source: getAuthTables() of Better Auth 1.7. Its adapters write the columns as userId or as user_id.
const core: Record<string, Shape> = {
  user: { columns: ['id', 'email', 'emailVerified'], anyName: ['name', 'image', 'createdAt', 'updatedAt'] },
  session: {
    columns: ['id', 'token', 'userId', 'expiresAt'],
    anyName: ['ipAddress', 'userAgent', 'createdAt', 'updatedAt']
  },
  account: {
    columns: ['id', 'accountId', 'providerId', 'userId'],
    anyName: ['accessToken', 'refreshToken', 'idToken', 'scope', 'password']
  },
  verification: { columns: ['id', 'identifier', 'value'], anyName: ['expiresAt', 'createdAt', 'updatedAt'] }
}

// Of its plugins, and of its packages for passkeys, API keys, OAuth clients, single sign-on, SCIM and Stripe.
const plugins: Record<string, Shape> = {
  jwks: { columns: ['id', 'publicKey', 'privateKey'], anyName: ['createdAt'] },
  rateLimit: { columns: ['key', 'count', 'lastRequest'], anyName: [] },
  twoFactor: { columns: ['secret', 'backupCodes', 'userId'], anyName: [] },
  passkey: { columns: ['publicKey', 'credentialID', 'userId'], anyName: ['counter', 'deviceType', 'backedUp'] },
  apikey: { columns: ['key', 'start', 'prefix'], anyName: ['refillInterval', 'rateLimitEnabled'] },
  organization: { columns: ['id', 'name', 'slug'], anyName: ['logo', 'metadata', 'createdAt'] },
  member: { columns: ['id', 'organizationId', 'userId', 'role'] },
  invitation: { columns: ['id', 'organizationId', 'email', 'inviterId'], anyName: ['status', 'expiresAt'] },
  team: { columns: ['id', 'name', 'organizationId'] },
  teamMember: { columns: ['id', 'teamId', 'userId'] },
  organizationRole: { columns: ['id', 'organizationId', 'role', 'permission'] },
  deviceCode: { columns: ['deviceCode', 'userCode', 'expiresAt'], anyName: ['status', 'pollingInterval'] },
  walletAddress: { columns: ['userId', 'address', 'chainId'], anyName: ['isPrimary'] },
  oauthApplication: { columns: ['clientId', 'clientSecret'] },
  oauthClient: { columns: ['clientId', 'clientSecret'] },
  oauthAccessToken: { columns: ['clientId', 'userId', 'scopes'] },
  oauthRefreshToken: { columns: ['clientId', 'userId', 'scopes'] },
  oauthConsent: { columns: ['clientId', 'userId', 'scopes'] },
  ssoProvider: { columns: ['issuer', 'providerId', 'domain'] },
  scimProvider: { columns: ['providerId', 'scimToken'] },
  subscription: { columns: ['plan', 'referenceId', 'stripeSubscriptionId'] }
}

/** The tables that Better Auth cannot do without. */
export const coreTables = Object.keys(core)

/**
 * Which tables are Better Auth's own, by their keys: those it cannot do without and, where its sessions are, those of
 * its plugins.
 * @returns the model of each, as Better Auth calls it
 */
export function betterAuthTables (tables: TableFacts[]): Map<string, string> {
  const found = modelsOf(tables, core)
  // Without its sessions a table called "team" is the app's.
  return [...found.values()].includes('session') ? new Map([...modelsOf(tables, plugins), ...found]) : found
}

function modelsOf (tables: TableFacts[], shapes: Record<string, Shape>): Map<string, string> {
  return new Map(
    tables.flatMap((table) => {
      const model = modelOf(table, shapes)
      return model === undefined ? [] : [[table.key, model]]
    })
  )
}

function modelOf (table: TableFacts, shapes: Record<string, Shape>): string | undefined {
  const name = plain(table.name)
  const columns = new Set(table.columns.map((column) => plain(column.name)))
  const has = (names: string[]): boolean => names.every((column) => columns.has(plain(column)))
  return (
    Object.keys(shapes).find((model) => isNamed(name, model) && has(shapes[model]!.columns)) ??
    Object.keys(shapes).find((model) => {
      const { columns, anyName } = shapes[model]!
      return anyName !== undefined && has([...columns, ...anyName])
    })
  )
}

function isNamed (name: string, model: string): boolean {
  return name === plain(model) || name === `${plain(model)}s`
}

function plain (name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}
