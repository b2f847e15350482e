import type { CacheConfig, DrizzleVersion, Preparation, PreparedQuery } from './contract.js'

type PrepareArguments = [
  query: Preparation['query'], fields: Preparation['fields'], name: string | undefined, isResponseInArrayMode: boolean,
  customResultMapper?: unknown, queryMetadata?: unknown, cacheConfig?: CacheConfig
]

interface Session { prepareQuery (...args: PrepareArguments): PreparedQuery }

/** Drizzle 0.45. */
export const drizzle045: DrizzleVersion = {
  prepare (session, { query, fields, name, inArrays, mapper, metadata, cache }) {
    return (session as Session).prepareQuery(query, fields, name, inArrays, mapper, metadata, cache)
  },

  readPreparation (args) {
    const [query, fields, name, inArrays, mapper, metadata, cache] = args as PrepareArguments
    return { query, fields, name, inArrays, mapper, metadata, cache }
  }
}
