/** One row of the error table. */
export interface ErrorEntry {
  /** Stable code, `FAI_…`. */
  code: string
  /** HTTP status of the response. */
  status: number
  /** The sentence that the client reads; `null` where the error's own message is fit for the client. */
  detail: string | null
  /** What happened, for the log and docs/errors.md. */
  meaning: string
}

const internal = 'Internal Server Error'

/** Every error of this package: class, code, status, what the client reads, what it means. */
export const errorTable = {
  MissingToken: {
    code: 'FAI_MISSING_TOKEN',
    status: 401,
    detail: 'Missing token',
    meaning: 'The request carries no bearer token'
  },
  TokenExpired: {
    code: 'FAI_TOKEN_EXPIRED',
    status: 401,
    detail: 'Token expired',
    meaning: 'The token is genuine and past its exp'
  },
  InvalidToken: {
    code: 'FAI_INVALID_TOKEN',
    status: 401,
    detail: 'Invalid token',
    meaning: 'The token was not accepted'
  },
  TokenRevoked: {
    code: 'FAI_TOKEN_REVOKED',
    status: 401,
    detail: 'Invalid token',
    meaning: 'The token is genuine and was revoked'
  },
  Unverified: {
    code: 'FAI_UNVERIFIED',
    status: 401,
    detail: 'Missing token',
    meaning: 'request.userId was read on a request that nobody verified'
  },
  Forbidden: {
    code: 'FAI_FORBIDDEN',
    status: 403,
    detail: 'Forbidden',
    meaning: 'The user in the URL is not the user of the token'
  },
  OrganizationRequired: {
    code: 'FAI_ORGANIZATION_REQUIRED',
    status: 403,
    detail: 'Forbidden',
    meaning: 'The table belongs to organizations, and the token names no active one'
  },
  ForeignOwner: {
    code: 'FAI_FOREIGN_OWNER',
    status: 403,
    detail: 'Forbidden',
    meaning: 'A value for the owner column names another user'
  },
  ForeignReference: {
    code: 'FAI_FOREIGN_REFERENCE',
    status: 403,
    detail: 'Forbidden',
    meaning: "A foreign key points at a row that is not the user's"
  },
  NotFound: { code: 'FAI_NOT_FOUND', status: 404, detail: 'Not Found', meaning: 'No such row among the user\'s' },
  Conflict: {
    code: 'FAI_CONFLICT',
    status: 409,
    detail: 'Conflict',
    meaning: "The upsert met a row that is not the user's"
  },
  InvalidTimestamp: {
    code: 'FAI_INVALID_TIMESTAMP', status: 400, detail: null, meaning: 'A timestamp column takes a valid Date'
  },
  UnknownColumn: { code: 'FAI_UNKNOWN_COLUMN', status: 400, detail: null, meaning: 'A key is no column of the table' },
  InvalidCursor: {
    code: 'FAI_INVALID_CURSOR',
    status: 400,
    detail: 'Invalid cursor',
    meaning: 'The pagination cursor was not issued for this query'
  },
  InvalidArgument: {
    code: 'FAI_INVALID_ARGUMENT',
    status: 400,
    detail: null,
    meaning: 'An argument is out of its range'
  },
  MissingCondition: {
    code: 'FAI_MISSING_CONDITION',
    status: 500,
    detail: internal,
    meaning: 'A mass update or delete was called with undefined as its condition'
  },
  UnownedTable: {
    code: 'FAI_UNOWNED_TABLE',
    status: 500,
    detail: internal,
    meaning: 'The table has no owner column and is not in sharedTables'
  },
  SharedTableWrite: {
    code: 'FAI_SHARED_TABLE_WRITE',
    status: 500,
    detail: internal,
    meaning: 'A shared table is read-only for requests'
  },
  UnsafeFragment: {
    code: 'FAI_UNSAFE_FRAGMENT',
    status: 500,
    detail: internal,
    meaning: 'A raw sql fragment is not one balanced expression'
  },
  ForeignBuilder: {
    code: 'FAI_FOREIGN_BUILDER',
    status: 500,
    detail: internal,
    meaning: 'A query of another database handle was handed in: build it from request.db'
  },
  Unsupported: {
    code: 'FAI_UNSUPPORTED',
    status: 500,
    detail: internal,
    meaning: 'The scoped database does not offer this'
  },
  TransactionEnded: {
    code: 'FAI_TRANSACTION_ENDED',
    status: 500,
    detail: internal,
    meaning: 'A transaction handle was used after its transaction ended'
  },
  KeptStatement: {
    code: 'FAI_KEPT_STATEMENT',
    status: 500,
    detail: internal,
    meaning: 'A prepared statement was run by another request than the one that prepared it'
  },
  NoDatabase: { code: 'FAI_NO_DATABASE', status: 500, detail: internal, meaning: 'request.db needs the db option' },
  InvalidUserId: {
    code: 'FAI_INVALID_USER_ID',
    status: 500,
    detail: internal,
    meaning: 'A user scope needs a non-empty, well-formed user id'
  },
  InvalidOrganizationId: {
    code: 'FAI_INVALID_ORGANIZATION_ID',
    status: 500,
    detail: internal,
    meaning: 'A user scope takes a non-empty, well-formed organization id, or null'
  },
  KeySetUnavailable: {
    code: 'FAI_KEY_SET_UNAVAILABLE',
    status: 503,
    detail: 'Service Unavailable',
    meaning: 'The key set cannot be had and no usable key is held'
  },
  RevocationUnavailable: {
    code: 'FAI_REVOCATION_UNAVAILABLE',
    status: 503,
    detail: 'Service Unavailable',
    meaning: 'isRevoked failed, so the token is not let in'
  }
} as const satisfies Record<string, ErrorEntry>

/** Name of an error class. */
export type ErrorName = keyof typeof errorTable

/** Every `code` there is, as a union. */
export type ErrorCode = (typeof errorTable)[ErrorName]['code']
