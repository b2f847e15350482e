/**
 * Whether the server no longer knows a prepared statement, as after `deallocate all`, or its plan has gone stale by a
 * change of the schema. Nothing was done, and the same statement, prepared anew, can go through.
 * @param error as PostgreSQL reports it: without what Drizzle or an app has wrapped around it
 */
export function isStaleStatement (error: unknown): boolean {
  const { code, routine } = (error ?? {}) as { code?: unknown, routine?: unknown }
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery')
}
