import { sql, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import type { ScopedDatabase } from '../scope/database.js'
import { shown } from '../internal/shown-value.js'
import { callOptions } from './call-options.js'
import { orderedColumns, toList } from './order.js'
import { asPage, PageOrder } from './pagination.js'
import { RowValues, type Row } from './row-values.js'
import type { FindManyOptions, Page, PaginateOptions } from './scoped-types.js'
import type { ScopedSession } from '../scope/session.js'
import type { CompiledQueries } from './compiled-queries.js'

interface FindOptions extends Omit<FindManyOptions<PgTable>, 'columns'> {
  columns?: Record<string, boolean | undefined>
}

interface UpsertOptions {
  target: PgColumn | PgColumn[]
  targetWhere?: SQL | undefined
  set?: Row | undefined
}

// What findMany and findFirst take alike.
const read = ['where', 'orderBy', 'offset', 'columns'] as const

const defaultPage = 20
const longestPage = 1000

/** CRUD over the rows of one table that are one user's. Its types are in `scoped-types.ts`. */
export class Repository {
  readonly #table: PgTable
  readonly #db: ScopedDatabase
  readonly #session: ScopedSession
  readonly #queries: CompiledQueries
  readonly #values: RowValues

  constructor (table: PgTable, db: ScopedDatabase, session: ScopedSession, queries: CompiledQueries) {
    this.#table = table
    this.#db = db
    this.#session = session
    this.#queries = queries
    this.#values = new RowValues(table, session.dialect, queries)
  }

  async findMany (options: FindOptions = {}): Promise<Row[]> {
    return await this.#find(callOptions('findMany', options, [...read, 'limit']))
  }

  async #find (options: FindOptions): Promise<Row[]> {
    const { where, orderBy, columns } = options
    const limit = wholeNumber('limit', options.limit)
    const offset = wholeNumber('offset', options.offset)
    const keys = this.#values.selectedKeys(columns)
    const order = orderedColumns(orderBy)
    if (where === undefined && order !== undefined) {
      const compiled = this.#queries.findMany(keys, order, limit !== undefined, offset !== undefined)
      return await compiled.run(this.#session, { limit, offset })
    }
    const query = this.#db.select(this.#queries.fields(keys)).from(this.#table).where(where).$dynamic()
    if (orderBy !== undefined) query.orderBy(...toList(orderBy))
    if (limit !== undefined) query.limit(limit)
    if (offset !== undefined) query.offset(offset)
    return await query as Row[]
  }

  async findFirst (options: Omit<FindOptions, 'limit'> = {}): Promise<Row | undefined> {
    const [row] = await this.#find({ ...callOptions('findFirst', options, read), limit: 1 })
    return row
  }

  async findById (id: unknown): Promise<Row | undefined> {
    const values = this.#values.ofId(id)
    if (values === undefined) return undefined
    const [row] = await this.#queries.findById().run(this.#session, values)
    return row
  }

  async getById (id: unknown): Promise<Row> {
    const row = await this.findById(id)
    if (row === undefined) throw new errors.NotFound()
    return row
  }

  async paginate (options: PaginateOptions = {}): Promise<Page<Row>> {
    const { where, orderBy, cursor, ...range } = callOptions(
      'paginate', options, ['where', 'orderBy', 'cursor', 'limit']
    )
    const limit = wholeNumber('limit', range.limit, 1, longestPage) ?? defaultPage
    const order = new PageOrder(
      this.#table, orderBy, this.#queries.id.map(([, column]) => column), this.#ownersOfPage
    )
    const query = this.#db.select({ ...this.#queries.fields(undefined), ...order.placeFields }).from(this.#table)
      .where(cursor === undefined || cursor === null ? where : both(where, order.after(cursor)))
      .orderBy(...order.orderBy).limit(limit + 1)
    const rows = await (typeof cursor === 'string' ? asPage(async () => await query) : query) as Row[]
    const items = rows.slice(0, limit)
    return {
      items: items.map((row) => order.withoutPlace(row)),
      nextCursor: rows.length > limit ? order.cursorAfter(items.at(-1)!) : null
    }
  }

  // A cursor is for the rows of these owners.
  get #ownersOfPage (): unknown[] {
    return this.#queries.owned.owners.map(({ of }) => this.#session.caller[of])
  }

  async count (where?: SQL): Promise<number> {
    if (where !== undefined) return await this.#db.$count(this.#table, where)
    const [row] = await this.#queries.count().run(this.#session, {})
    return row!.count as number
  }

  async exists (where?: SQL): Promise<boolean> {
    const rows = await this.#db.select({ one: sql`1` }).from(this.#table).where(where).limit(1)
    return rows.length > 0
  }

  async insert (values: Row | Row[]): Promise<Row | Row[]> {
    if (Array.isArray(values)) {
      return values.length === 0 ? [] : await this.#db.insert(this.#table).values(values).returning()
    }
    const row = this.#values.forInsert(values)
    const compiled = row && this.#queries.insert(Object.keys(row))
    const [inserted] = compiled?.isFor(this.#session) === true
      ? await compiled.run(this.#session, this.#values.ofValues(row!))
      : await this.#db.insert(this.#table).values(values).returning()
    return inserted!
  }

  async upsert (values: Row, options: UpsertOptions): Promise<Row> {
    const { target, targetWhere, set } = callOptions('upsert', options, ['target', 'targetWhere', 'set'])
    if (target === undefined) throw new errors.InvalidArgument('upsert() needs the option "target"')
    const targets = toList(target)
    const [row] = await this.#db.insert(this.#table).values(values)
      .onConflictDoUpdate({ target: targets, targetWhere, set: set ?? this.#values.proposed(values, targets) })
      .returning()
    return row!
  }

  async updateById (id: unknown, patch: Row): Promise<Row | undefined> {
    const given = this.#values.ofPatch(patch)
    const idValues = this.#values.ofId(id)
    if (idValues === undefined) return undefined
    if (Object.keys(given).length === 0) return await this.findById(id)
    const row = this.#values.forUpdate(given)
    const compiled = row && this.#queries.updateById(Object.keys(row))
    const [updated] = compiled?.isFor(this.#session) === true
      ? await compiled.run(this.#session, { ...this.#values.ofValues(row!), ...idValues })
      : await this.update(this.#values.idCondition(id), patch)
    return updated
  }

  async update (where: SQL, patch: Row): Promise<Row[]> {
    if (where === undefined) throw new errors.MissingCondition()
    const given = this.#values.ofPatch(patch)
    if (Object.keys(given).length === 0) return await this.findMany({ where })
    return await this.#db.update(this.#table).set(given).where(where).returning() as Row[]
  }

  async deleteById (id: unknown): Promise<Row | undefined> {
    const values = this.#values.ofId(id)
    if (values === undefined) return undefined
    const [row] = await this.#queries.deleteById().run(this.#session, values)
    return row
  }

  async delete (where: SQL): Promise<Row[]> {
    if (where === undefined) throw new errors.MissingCondition()
    return await this.#db.delete(this.#table).where(where).returning() as Row[]
  }
}

// Both stand in parentheses: neither reaches into the other.
function both (where: SQL | undefined, place: SQL): SQL {
  return where === undefined ? place : sql`(${where}) and (${place})`
}

function wholeNumber (
  name: string, value: number | undefined, from = 0, to = Number.MAX_SAFE_INTEGER
): number | undefined {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= from && value <= to)) {
    throw new errors.InvalidArgument(
      `"${name}" is a whole number from ${from}${to === Number.MAX_SAFE_INTEGER ? '' : ` to ${to}`}, got ` +
      shown(value)
    )
  }
  return value
}
