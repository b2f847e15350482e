/** One class for each row of the error table: `error instanceof errors.Forbidden`. */
export * as errors from './error-classes.js'
export { AuthIntegrationError } from './error-base.js'
export { errorTable } from './error-table.js'

export type { ErrorDetails } from './error-base.js'
export type { ErrorCode, ErrorEntry, ErrorName } from './error-table.js'
