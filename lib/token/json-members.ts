import { invalidToken } from './challenge.js'

/** A member of parsed JSON, own ones only: `constructor` is on the prototype of every object. */
export function ownMember (object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/**
 * A member that is a string where it is there.
 * @throws {errors.InvalidToken} with the member's name as its reason
 */
export function optionalString (object: Record<string, unknown>, name: string): string | undefined {
  const value = ownMember(object, name)
  if (value !== undefined && typeof value !== 'string') throw invalidToken(name)
  return value
}
