import { errorTable, type ErrorCode, type ErrorEntry, type ErrorName } from './error-table.js'

/** What an error carries beyond its sentence; see {@link AuthIntegrationError}. */
export interface ErrorDetails {
  /** The exact cause, for the log: a stable word such as `signature`, or a sentence. */
  reason?: string
  /** Response headers, `WWW-Authenticate` or `Retry-After`. */
  headers?: Record<string, string>
  /** What was thrown underneath. It reaches the log, never the client. */
  cause?: unknown
}

/**
 * Base of every error this package throws while serving. Mistakes in the options are a `TypeError`
 * at registration instead.
 *
 * The `message` of a refusal is the sentence that the client may read, since GraphQL and other plugins send `message`
 * on; what exactly was wrong is in `reason`. Errors of status 500 say in `message` what the developer has to change.
 */
export class AuthIntegrationError extends Error {
  /** Stable code, `FAI_…`. */
  readonly code: ErrorCode
  /** HTTP status of the response. */
  readonly statusCode: number
  /** The sentence the client reads, as `{ "detail": … }`. */
  readonly detail: string
  /** The exact cause, for the log: a stable word such as `signature`, or a sentence. */
  readonly reason?: string
  /**
   * What the response carries beside the body. The guard sets them itself; an error handler of the app's own may drop
   * those of other errors.
   */
  readonly headers?: Record<string, string>

  constructor (entry: ErrorEntry & { code: ErrorCode }, message?: string, details: ErrorDetails = {}) {
    const refusal = entry.detail !== null && entry.status !== 500
    const said = message ?? entry.meaning
    super(refusal ? entry.detail! : said, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'AuthIntegrationError'
    this.code = entry.code
    this.statusCode = entry.status
    this.detail = entry.detail ?? said
    const reason = details.reason ?? (refusal ? said : undefined)
    if (reason !== undefined) this.reason = reason
    if (details.headers !== undefined) this.headers = details.headers
  }
}

/**
 * Constructor of one error class; `message` is for the log, and becomes the `reason` where the client's sentence is
 * fixed.
 */
export type ErrorClass<TCode extends ErrorCode> =
  new (message?: string, details?: ErrorDetails) => AuthIntegrationError & { readonly code: TCode }

/** Makes the class of one row of the error table. */
export function errorClass<TName extends ErrorName> (name: TName): ErrorClass<(typeof errorTable)[TName]['code']> {
  return class extends AuthIntegrationError {
    constructor (message?: string, details?: ErrorDetails) {
      super(errorTable[name], message, details)
      this.name = name
    }
  } as unknown as ErrorClass<(typeof errorTable)[TName]['code']>
}
