import { SQL, type SQLWrapper } from 'drizzle-orm'
import { errors } from '../errors.js'
import type { Owner } from './owners.js'

// What a scoped dialect puts into Drizzle's chunk lists. Each of them is opaque to Drizzle: its helpers pass them on
// unopened, and another dialect that is asked to render one throws.
abstract class ScopedChunk implements SQLWrapper {
  getSQL (): SQL {
    throw new errors.ForeignBuilder(
      'A query of request.db was handed to another database handle; run it there, or build it with the other handle'
    )
  }
}

/** A statement that a scoped dialect has built: the only kind of query its renderer lets into another. */
export class BuiltStatement extends ScopedChunk {
  readonly #dialect: object
  readonly #sql: SQL
  /** Whether the statement changes rows or locks them. */
  readonly writes: boolean
  /** The relations that it joins, by their aliases. */
  readonly relations: ReadonlySet<string> | undefined

  constructor (dialect: object, sql: SQL, writes: boolean, relations?: ReadonlySet<string>) {
    super()
    this.#dialect = dialect
    this.#sql = sql
    this.writes = writes
    this.relations = relations
  }

  /** The statement, for the dialect that built it. */
  sqlFor (dialect: object): SQL {
    if (this.#dialect !== dialect) {
      throw new errors.ForeignBuilder(
        'A query that belongs to another user, request or transaction was handed in: build it from the same request.db'
      )
    }
    return this.#sql
  }
}

/**
 * Where a caller's piece stands; a list item keeps its `desc` outside of any parentheses, and the conditions of `on
 * conflict` are evaluated on no row but the conflicting one. Of a full join PostgreSQL has to see the equality that it
 * merges or hashes by.
 */
export type FragmentPlace = 'expression' | 'full join' | 'list' | 'value' | 'field' | 'conflict'

/** A piece the caller wrote, to be judged as a whole and to stand by itself. */
export class Fragment extends ScopedChunk {
  constructor (readonly piece: unknown, readonly place: FragmentPlace = 'expression') {
    super()
  }
}

/** The rows of one owned table or view that are the caller's, under the name the query gives them. */
export class ScopedTable extends ScopedChunk {
  constructor (
    readonly schema: string | undefined,
    readonly name: string,
    readonly alias: string,
    /** The owner columns, all of which must match; none for a shared table. */
    readonly owners: readonly Owner[],
    /** What a view does is its maker's affair. */
    readonly isView = false
  ) {
    super()
  }
}

/** A table by its own name, as the target of a write. */
export class TargetTable extends ScopedChunk {
  constructor (readonly schema: string | undefined, readonly name: string) {
    super()
  }
}

/** Each owner column equals the caller's value for it, for the target of a write. */
export class OwnerPredicate extends ScopedChunk {
  constructor (readonly table: string, readonly owners: readonly Owner[]) {
    super()
  }
}

/** The condition of a write: the owner's, and the caller's, which is not tried on rows of others. */
export class ScopedCondition extends ScopedChunk {
  constructor (readonly owner: OwnerPredicate, readonly where: Fragment) {
    super()
  }
}

/** From here on to the end of the statement this common table expression can be read. */
export class CteDeclaration extends ScopedChunk {
  constructor (readonly alias: string, readonly sql: SQL) {
    super()
  }
}

/** What is wrong with a statement, in its place: thrown when it is asked for. */
class Fault extends ScopedChunk {
  constructor (readonly reason: unknown) {
    super()
  }
}

export function isFault (chunk: unknown): chunk is { reason: unknown } {
  return chunk instanceof Fault
}

/** The statement, or its fault in its place. */
export function orFault (build: () => SQL): SQL {
  try {
    return build()
  } catch (error) {
    return new SQL([new Fault(error)])
  }
}

/**
 * The statement that a scoped dialect built; the dialect that opens it checks whose it is.
 * @throws errors.ForeignBuilder for any other SQL
 */
export function builtStatementOf (sql: SQL): BuiltStatement {
  const [only] = sql.queryChunks
  if (isFault(only)) throw only.reason
  if (sql.queryChunks.length !== 1 || !(only instanceof BuiltStatement)) throw new errors.ForeignBuilder()
  return only
}
