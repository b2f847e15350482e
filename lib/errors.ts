/** What an error tells beyond its sentence; see {@link AuthIntegrationError}. */
export interface ErrorDetails {
  /** Stable, machine-readable cause for logs and metrics, such as `signature` or `kid_unknown`. */
  reason?: string
  /** Response headers the answer carries, `WWW-Authenticate` or `Retry-After`. */
  headers?: Record<string, string>
  /** What was thrown underneath. It reaches the log, never the client. */
  cause?: unknown
}

/**
 * Base of every error this package throws while serving. Mistakes in the options are a `TypeError`
 * at registration instead.
 */
export class AuthIntegrationError extends Error {
  /** Stable code, `FAI_…`. */
  readonly code: string
  /** HTTP status of the answer. */
  readonly statusCode: number
  /** The sentence the client reads, as `{ "detail": … }`. */
  readonly detail: string
  readonly reason?: string
  /** What the answer carries beside the body. The guard sets them itself; an error handler of the app's own may drop those of other errors. */
  readonly headers?: Record<string, string>

  constructor (entry: ErrorEntry, message = entry.message, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'AuthIntegrationError'
    this.code = entry.code
    this.statusCode = entry.status
    this.detail = entry.detail ?? message
    if (details.reason !== undefined) this.reason = details.reason
    if (details.headers !== undefined) this.headers = details.headers
  }
}

/** One row of the error table. */
export interface ErrorEntry {
  code: string
  status: number
  /** What the client reads; `null` where the message itself is fit for the client. */
  detail: string | null
  /** What the log reads, when the place that throws has nothing more exact to say. */
  message: string
}

/** The error table: name, code, status, what the client reads, what it means. */
export const errorTable = {
  MissingToken: { code: 'FAI_MISSING_TOKEN', status: 401, detail: 'Missing token', message: 'The request carries no bearer token' },
  TokenExpired: { code: 'FAI_TOKEN_EXPIRED', status: 401, detail: 'Token expired', message: 'The token is genuine and past its exp' },
  InvalidToken: { code: 'FAI_INVALID_TOKEN', status: 401, detail: 'Invalid token', message: 'The token was not accepted' },
  TokenRevoked: { code: 'FAI_TOKEN_REVOKED', status: 401, detail: 'Invalid token', message: 'The token is genuine and was revoked' },
  Unverified: { code: 'FAI_UNVERIFIED', status: 401, detail: 'Missing token', message: 'request.userId was read, and nobody verified this request' },
  Forbidden: { code: 'FAI_FORBIDDEN', status: 403, detail: 'Forbidden', message: 'The user in the URL is not the user of the token' },
  ForeignOwner: { code: 'FAI_FOREIGN_OWNER', status: 403, detail: 'Forbidden', message: 'A value for the owner column names another user' },
  ForeignReference: { code: 'FAI_FOREIGN_REFERENCE', status: 403, detail: 'Forbidden', message: 'A foreign key points at a row that is not the user\'s' },
  NotFound: { code: 'FAI_NOT_FOUND', status: 404, detail: 'Not Found', message: 'No such row among the user\'s' },
  Conflict: { code: 'FAI_CONFLICT', status: 409, detail: 'Conflict', message: 'The upsert met a row that is not the user\'s' },
  InvalidTimestamp: { code: 'FAI_INVALID_TIMESTAMP', status: 400, detail: null, message: 'A timestamp column takes a valid Date' },
  UnknownColumn: { code: 'FAI_UNKNOWN_COLUMN', status: 400, detail: null, message: 'A key is no column of the table' },
  InvalidCursor: { code: 'FAI_INVALID_CURSOR', status: 400, detail: 'Invalid cursor', message: 'The pagination cursor was not issued for this query' },
  InvalidArgument: { code: 'FAI_INVALID_ARGUMENT', status: 400, detail: null, message: 'An argument is out of its range' },
  MissingCondition: { code: 'FAI_MISSING_CONDITION', status: 500, detail: 'Internal Server Error', message: 'A mass update or delete was called with undefined as its condition' },
  UnownedTable: { code: 'FAI_UNOWNED_TABLE', status: 500, detail: 'Internal Server Error', message: 'The table has no owner column and is not in sharedTables' },
  SharedTableWrite: { code: 'FAI_SHARED_TABLE_WRITE', status: 500, detail: 'Internal Server Error', message: 'A shared table is read-only for requests' },
  UnsafeFragment: { code: 'FAI_UNSAFE_FRAGMENT', status: 500, detail: 'Internal Server Error', message: 'A raw sql fragment is not one balanced expression' },
  ForeignBuilder: { code: 'FAI_FOREIGN_BUILDER', status: 500, detail: 'Internal Server Error', message: 'A query of another database handle was handed in: build it from request.db' },
  Unsupported: { code: 'FAI_UNSUPPORTED', status: 500, detail: 'Internal Server Error', message: 'The scoped database does not offer this' },
  TransactionEnded: { code: 'FAI_TRANSACTION_ENDED', status: 500, detail: 'Internal Server Error', message: 'A transaction handle was used after its transaction ended' },
  NoDatabase: { code: 'FAI_NO_DATABASE', status: 500, detail: 'Internal Server Error', message: 'request.db needs the db option' },
  InvalidUserId: { code: 'FAI_INVALID_USER_ID', status: 500, detail: 'Internal Server Error', message: 'A user scope needs a non-empty, well-formed user id' },
  KeySetUnavailable: { code: 'FAI_KEY_SET_UNAVAILABLE', status: 503, detail: 'Service Unavailable', message: 'The key set cannot be had and no usable key is held' },
  RevocationUnavailable: { code: 'FAI_REVOCATION_UNAVAILABLE', status: 503, detail: 'Service Unavailable', message: 'isRevoked failed, so the token is not let in' }
} as const satisfies Record<string, ErrorEntry>

type ErrorClass = new (message?: string, details?: ErrorDetails) => AuthIntegrationError

function define (name: string, entry: ErrorEntry): ErrorClass {
  const Defined = class extends AuthIntegrationError {
    constructor (message?: string, details?: ErrorDetails) {
      super(entry, message, details)
      this.name = name
    }
  }
  Object.defineProperty(Defined, 'name', { value: name })
  return Defined
}

/** One class for each row of {@link errorTable}; `error instanceof errors.Forbidden`. */
export const errors = Object.fromEntries(
  Object.entries(errorTable).map(([name, entry]) => [name, define(name, entry)])
) as Record<keyof typeof errorTable, ErrorClass>
