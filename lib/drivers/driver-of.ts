import type { DrizzleSession } from '../drizzle/contract.js'
import { DefaultDriver } from './default.js'
import type { Driver } from './driver.js'
import { nodePostgresOf } from './node-postgres/node-postgres.js'
import { postgresJsOf } from './postgres-js/postgres-js.js'

const known = new WeakMap<DrizzleSession, Driver>()

/** The driver behind a session of a pool. */
export function driverOf (session: DrizzleSession): Driver {
  let driver = known.get(session)
  if (driver === undefined) {
    known.set(session, driver = postgresJsOf(session) ?? nodePostgresOf(session) ?? new DefaultDriver(session))
  }
  return driver
}
