import type { DrizzleVersion } from './contract.js'
import { drizzle045 } from './drizzle-0.45.js'

/** The version of Drizzle that is installed. */
export const drizzle: DrizzleVersion = drizzle045
