import type { LightMyRequestResponse } from 'fastify'
import type { RouteAccess } from '../types.js'

/** What a user has made, and how it is recognised. */
export interface UserData {
  id: string
  /** Texts that only this user may read. */
  canaries: Set<string>
  /** The text that this user's free fields are filled with. */
  canary: string
  /** The responses to this user's own creating requests. */
  rows: Array<Record<string, unknown>>
}

/** Whether a response gave the caller what was asked for. */
export function isSuccess ({ statusCode }: { statusCode: number }): boolean {
  return statusCode >= 200 && statusCode < 300
}

// Short values (`1`, `true`) turn up everywhere and prove nothing.
const leastLength = 8

function isCanary (name: string, value: unknown): value is string {
  return typeof value === 'string' && value.length >= leastLength && /(^|_)id$|Id$/.test(name)
}

/** Keeps the rows that a creating route returned, and their ids as canaries of their owner. */
export function recordOwn (response: LightMyRequestResponse, { method }: RouteAccess, user: UserData): void {
  if (method !== 'POST' && method !== 'PUT') return
  let body: unknown
  try {
    body = response.json()
  } catch {
    return
  }
  for (const row of [body].flat()) {
    if (row === null || typeof row !== 'object') continue
    const known = row as Record<string, unknown>
    user.rows.push(known)
    for (const [name, value] of Object.entries(known)) if (isCanary(name, value)) user.canaries.add(value)
  }
}

/**
 * The first canary of the owner in a response's body or headers that the caller did not send or own; `null` for none.
 * @param sent the request's query and body, as text
 */
export function findCanary (
  response: LightMyRequestResponse, { access }: RouteAccess, owner: UserData, caller?: UserData | null, sent = ''
): string | null {
  const isEcho = !isSuccess(response) || access === 'public' || access === 'optional'
  const request = decodeURIComponent(response.raw.req.url?.replace(/%(?![0-9a-f]{2})/gi, '%25') ?? '')
  const text = `${response.body}\n${Object.values(response.headers).join('\n')}`
  for (const canary of owner.canaries) {
    // What the URL said comes back in many an error and public page, and is nothing new to the caller.
    if (caller?.canaries.has(canary) === true || (isEcho && request.includes(canary))) continue
    // Nor is a user's id, wherever it comes back; that of a row is, since the row has been read.
    if (canary === owner.id && (request.includes(canary) || sent.includes(canary))) continue
    if (text.includes(canary)) return JSON.stringify(canary)
  }
  return null
}
