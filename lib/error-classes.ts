// Classes and not values of a table, so that `error instanceof errors.Forbidden` narrows and `errors.Forbidden` is a
// type.
import { errorClass } from './error-base.js'

/** 401: the request carries no bearer token. */
export class MissingToken extends errorClass('MissingToken') {}

/** 401: the token is genuine and past its exp. */
export class TokenExpired extends errorClass('TokenExpired') {}

/** 401: the token was not accepted. */
export class InvalidToken extends errorClass('InvalidToken') {}

/** 401: the token is genuine and was revoked. */
export class TokenRevoked extends errorClass('TokenRevoked') {}

/** 401: request.userId was read on a request that nobody verified. */
export class Unverified extends errorClass('Unverified') {}

/** 403: the user in the URL is not the user of the token. */
export class Forbidden extends errorClass('Forbidden') {}

/** 403: the table belongs to organizations, and the token names no active one. */
export class OrganizationRequired extends errorClass('OrganizationRequired') {}

/** 403: a value for the owner column names another user. */
export class ForeignOwner extends errorClass('ForeignOwner') {}

/** 403: a foreign key points at a row that is not the user's. */
export class ForeignReference extends errorClass('ForeignReference') {}

/** 404: no such row among the user's. */
export class NotFound extends errorClass('NotFound') {}

/** 409: the upsert met a row that is not the user's. */
export class Conflict extends errorClass('Conflict') {}

/** 400: a timestamp column takes a valid Date. */
export class InvalidTimestamp extends errorClass('InvalidTimestamp') {}

/** 400: a key is no column of the table. */
export class UnknownColumn extends errorClass('UnknownColumn') {}

/** 400: the pagination cursor was not issued for this query. */
export class InvalidCursor extends errorClass('InvalidCursor') {}

/** 400: an argument is out of its range. */
export class InvalidArgument extends errorClass('InvalidArgument') {}

/** 500: a mass update or delete was called with undefined as its condition. */
export class MissingCondition extends errorClass('MissingCondition') {}

/** 500: the table has no owner column and is not in sharedTables. */
export class UnownedTable extends errorClass('UnownedTable') {}

/** 500: a shared table is read-only for requests. */
export class SharedTableWrite extends errorClass('SharedTableWrite') {}

/** 500: a raw sql fragment is not one balanced expression. */
export class UnsafeFragment extends errorClass('UnsafeFragment') {}

/** 500: a query of another database handle was handed in: build it from request.db. */
export class ForeignBuilder extends errorClass('ForeignBuilder') {}

/** 500: the scoped database does not offer this. */
export class Unsupported extends errorClass('Unsupported') {}

/** 500: a transaction handle was used after its transaction ended. */
export class TransactionEnded extends errorClass('TransactionEnded') {}

/** 500: a prepared statement was run by another request than the one that prepared it. */
export class KeptStatement extends errorClass('KeptStatement') {}

/** 500: request.db needs the db option. */
export class NoDatabase extends errorClass('NoDatabase') {}

/** 500: a user scope needs a non-empty, well-formed user id. */
export class InvalidUserId extends errorClass('InvalidUserId') {}

/** 500: a user scope takes a non-empty, well-formed organization id, or null. */
export class InvalidOrganizationId extends errorClass('InvalidOrganizationId') {}

/** 503: the key set cannot be had and no usable key is held. */
export class KeySetUnavailable extends errorClass('KeySetUnavailable') {}

/** 503: isRevoked failed, so the token is not let in. */
export class RevocationUnavailable extends errorClass('RevocationUnavailable') {}
