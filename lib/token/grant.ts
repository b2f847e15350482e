import { invalidToken } from './challenge.js'
import { ownMember } from './json-members.js'

/**
 * Refuses a token that no bearer may use as a user, though its signature is good: one that is bound to a key, which the
 * caller would have to prove (`cnf`, RFC 7800 section 3.1: DPoP, mutual TLS), and one that a client was given for
 * itself.
 * @throws {errors.InvalidToken} with reason `cnf` or `no_user`
 */
export function refuseForeignGrants (claims: Record<string, unknown>, userIdClaim: string): void {
  if (Object.hasOwn(claims, 'cnf')) throw invalidToken('cnf')
  // Another claim that is there names a user whatever `sub` is.
  if (userIdClaim === 'sub' && isOfClient(claims)) throw invalidToken('no_user')
}

// Client credentials (RFC 6749 section 4.4, RFC 9068 section 5): the subject is the client. Auth0 says so in `gty`,
// Entra in `idtyp`; Okta's client is `cid`, Keycloak's and Auth0's `azp`.
function isOfClient (claims: Record<string, unknown>): boolean {
  const sub = ownMember(claims, 'sub')
  return ['client_id', 'azp', 'cid'].some((name) => sub !== undefined && ownMember(claims, name) === sub) ||
    ownMember(claims, 'gty') === 'client-credentials' || ownMember(claims, 'idtyp') === 'app'
}

/**
 * The scopes a token was given: `scope`, space-separated (RFC 8693 section 4.2), or `scp` as Okta and Entra have it;
 * either may be a list. What is neither counts as none.
 */
export function scopesOf (claims: Record<string, unknown>): readonly string[] {
  const given = ownMember(claims, 'scope') ?? ownMember(claims, 'scp')
  if (typeof given === 'string') return given.split(' ').filter((scope) => scope !== '')
  return Array.isArray(given) ? given.filter((scope) => typeof scope === 'string') : []
}

/**
 * Who acts as the user: `act` (RFC 8693 section 4.1) and Better Auth's `impersonatedBy`; `undefined` for the user
 * alone.
 */
export function actorOf (claims: Record<string, unknown>): Readonly<Record<string, unknown>> | undefined {
  const names = ['act', 'impersonatedBy'].filter((name) => (ownMember(claims, name) ?? null) !== null)
  return names.length === 0 ? undefined : Object.freeze(Object.fromEntries(names.map((name) => [name, claims[name]])))
}
