import type { LightMyRequestResponse } from 'fastify'
import type { RouteAccess } from '../types.js'

/** What a user has made, and how it is recognised. */
export interface Belongings {
  /** Texts that only this user may read. */
  marks: Set<string>
  /** The text this user's free fields are filled with. */
  mark: string
  /** What was answered to this user's own creating requests. */
  rows: Array<Record<string, unknown>>
}

/** Whether an answer gave the caller what was asked for. */
export function isSuccess ({ statusCode }: { statusCode: number }): boolean {
  return statusCode >= 200 && statusCode < 300
}

// Short values (`1`, `true`) turn up everywhere and prove nothing.
const leastMark = 8

function isMark (name: string, value: unknown): value is string {
  return typeof value === 'string' && value.length >= leastMark && /(^|_)id$|Id$/.test(name)
}

/** Keeps the rows that a creating route answered with, and their ids as marks of their owner. */
export function rememberOwn (answer: LightMyRequestResponse, { method }: RouteAccess, user: Belongings): void {
  if (method !== 'POST' && method !== 'PUT') return
  let body: unknown
  try {
    body = answer.json()
  } catch {
    return
  }
  for (const row of [body].flat()) {
    if (row === null || typeof row !== 'object') continue
    const known = row as Record<string, unknown>
    user.rows.push(known)
    for (const [name, value] of Object.entries(known)) if (isMark(name, value)) user.marks.add(value)
  }
}

/** The first mark of the owner in an answer's body or headers that the caller did not send or own; `null` for none. */
export function findMarks (answer: LightMyRequestResponse, { access }: RouteAccess, owner: Belongings, caller?: Belongings | null): string | null {
  const isEcho = !isSuccess(answer) || access === 'public' || access === 'optional'
  const request = decodeURIComponent(answer.raw.req.url?.replace(/%(?![0-9a-f]{2})/gi, '%25') ?? '')
  const text = `${answer.body}\n${Object.values(answer.headers).join('\n')}`
  for (const mark of owner.marks) {
    // What the URL said comes back in many an error and public page, and tells the caller nothing new.
    if (caller?.marks.has(mark) === true || (isEcho && request.includes(mark))) continue
    if (text.includes(mark)) return JSON.stringify(mark)
  }
  return null
}
