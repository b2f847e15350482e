import { Column, is, Placeholder, SQL } from 'drizzle-orm'
import { errors } from '../errors.js'
import { shown } from '../internal/shown-value.js'
import type { RelationalScope } from './contract.js'

/** One relation of `defineRelations`. */
export interface Relation {
  targetTableName: string
  targetTable: object
  sourceTable: object
  throughTable?: object
  where: unknown
  isFilterReversed?: boolean
}

/** A table of `defineRelations`. */
export interface TableRelations { name: string, table: object, relations: Record<string, Relation> }

/** What `defineRelations` answers. */
export type Relations = Record<string, TableRelations>

type Given = Record<string, unknown>

const columnsOf = Symbol.for('drizzle:Columns')
// `EmptyFilter` of Drizzle: a condition that is to be skipped.
const emptyFilter = Symbol.for('drizzle:EmptyFilter')

const operators = new Set([
  'eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'notIn', 'like', 'ilike', 'notLike', 'notIlike', 'isNull', 'isNotNull',
  'arrayContains', 'arrayContained', 'arrayOverlaps', 'AND', 'OR', 'NOT'
])
const listOperators = new Set(['in', 'notIn'])
const arrayOperators = new Set(['arrayContains', 'arrayContained', 'arrayOverlaps'])
const patternOperators = new Set(['like', 'ilike', 'notLike', 'notIlike'])

const fragments = new WeakSet<object>()

/** Whether it is a piece of the caller's that is a fragment already. */
export function isFragment (piece: unknown): boolean {
  return is(piece, SQL) && fragments.has(piece)
}

// A request's JSON may come here: no filter of a handler's own is as deep.
const deepest = 32

/**
 * What a relational query is asked for, as a copy that holds nothing but known keys, with each piece of the caller's as
 * a fragment. A filter may be a request's JSON, so every key of it is one of a list, or an own column or relation.
 * @throws errors.InvalidArgument for what is not known
 * @throws errors.Unsupported for `comment`
 */
export function checkedQuery (
  given: unknown,
  config: TableRelations,
  schema: Relations,
  scope: RelationalScope
): unknown {
  return new QueryCheck(schema, scope).query(given, config, 0)
}

class QueryCheck {
  constructor (readonly schema: Relations, readonly scope: RelationalScope) {}

  query (given: unknown, config: TableRelations, depth: number): unknown {
    if (given === true) return true
    const checked: Given = {}
    for (const [key, value] of entriesOf('a query', given, depth)) {
      if (value === undefined && key !== 'where') continue
      checked[key] = this.#part(key, value, config, depth)
    }
    return checked
  }

  #part (key: string, value: unknown, config: TableRelations, depth: number): unknown {
    switch (key) {
      case 'columns':
        return this.#columns(value, config)
      case 'with':
        return this.#with(value, config, depth)
      case 'extras':
        return this.#extras(value)
      case 'where':
        return this.filter(value, config, depth)
      case 'orderBy':
        return this.#order(value, depth)
      case 'limit':
      case 'offset':
        return this.#amount(key, value)
      case 'strategy':
      case 'withCache':
        return value
      case 'comment':
        throw new errors.Unsupported(
          '"comment" is not for queries of request.db: name the client with application_name, or log the request'
        )
    }
    throw new errors.InvalidArgument(
      `"${key}" is no part of a relational query: it takes columns, with, extras, where, orderBy, limit and offset`
    )
  }

  #columns (given: unknown, config: TableRelations): Given {
    const columns = columnsIn(config)
    return Object.fromEntries(entriesOf('"columns"', given).map(([key, value]) => {
      if (!Object.hasOwn(columns, key)) throw new errors.UnknownColumn(`"${key}" is no column of "${config.name}"`)
      return [key, value === undefined ? undefined : Boolean(value)]
    }))
  }

  #with (given: unknown, config: TableRelations, depth: number): Given {
    return Object.fromEntries(
      entriesOf('"with"', given)
        .filter(([, value]) => value !== undefined && value !== false)
        .map(([key, value]) => {
          if (!Object.hasOwn(config.relations, key)) {
            throw new errors.InvalidArgument(`"${key}" is no relation of "${config.name}"`)
          }
          return [key, this.query(value, this.#target(config.relations[key]!), depth + 1)]
        })
    )
  }

  #target ({ targetTableName }: Relation): TableRelations {
    const target = this.schema[targetTableName]
    if (target === undefined) {
      throw new errors.Unsupported(`"${targetTableName}" is not among the relations that the database was made with`)
    }
    return target
  }

  #extras (given: unknown): Given {
    return Object.fromEntries(entriesOf('"extras"', given).map(([key, extra]) => {
      if (key === '__proto__') throw new errors.InvalidArgument('An extra cannot be named "__proto__"')
      return [
        key,
        typeof extra === 'function'
          ? (...args: unknown[]) => this.#extra(key, extra(...args))
          : this.#extra(key, extra)
      ]
    }))
  }

  #extra (key: string, extra: unknown): unknown {
    if (!extra) return extra
    if (!isWrapper(extra)) throw new errors.InvalidArgument(`The extra "${key}" is SQL, or a function that answers SQL`)
    const { decoder } = extra.getSQL() as unknown as { decoder: unknown }
    return Object.assign(this.#piece(is(extra, SQL.Aliased) ? extra.sql : extra), { decoder })
  }

  #order (given: unknown, depth: number): unknown {
    if (typeof given === 'function') return (...args: unknown[]) => this.#ordered(given(...args))
    return copiedOrder(given, depth)
  }

  #ordered (given: unknown): unknown {
    if (Array.isArray(given)) return given.filter((item) => item !== undefined).map((item) => this.#orderItem(item))
    return given ? this.#orderItem(given) : undefined
  }

  #orderItem (item: unknown): unknown {
    if (is(item, Column)) return item
    if (!isWrapper(item)) throw new errors.InvalidArgument('"orderBy" answers columns, or SQL as of asc() and desc()')
    return this.#piece(item, 'list')
  }

  #amount (key: string, value: unknown): unknown {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    if (is(value, Placeholder)) return value
    if (isWrapper(value)) return this.#piece(value)
    throw new errors.InvalidArgument(`"${key}" is a whole number from 0, got ${shown(value)}`)
  }

  /** A filter over a table's columns and relations. */
  filter (given: unknown, config: TableRelations, depth: number): unknown {
    if (given === emptyFilter) return given
    const columns = columnsIn(config)
    return Object.fromEntries(entriesOf('"where"', given, depth).map(([key, value]) => {
      if (value === emptyFilter) return [key, value]
      if (value === undefined) {
        throw new errors.InvalidArgument(
          `"${key}" of "where" is undefined: leave it out, or give EmptyFilter to mean no condition`
        )
      }
      if (key === 'RAW') return [key, this.#raw(value)]
      if (key === 'AND' || key === 'OR') {
        return [key, listOf(key, value).map((item) => this.filter(item, config, depth + 1))]
      }
      if (key === 'NOT') return [key, this.filter(value, config, depth + 1)]
      if (Object.hasOwn(columns, key)) return [key, this.#fieldFilter(key, value, columns[key], depth + 1)]
      if (!Object.hasOwn(config.relations, key)) {
        throw new errors.InvalidArgument(`"${key}" of "where" is neither a column nor a relation of "${config.name}"`)
      }
      return [
        key,
        typeof value === 'boolean' ? value : this.filter(value, this.#target(config.relations[key]!), depth + 1)
      ]
    }))
  }

  #raw (given: unknown): unknown {
    if (typeof given === 'function') {
      return (...args: unknown[]) => {
        const piece = given(...args)
        return piece === emptyFilter ? piece : this.#condition(piece)
      }
    }
    return this.#condition(given)
  }

  #condition (piece: unknown): SQL {
    if (!isWrapper(piece)) throw new errors.InvalidArgument('"RAW" takes SQL, or a function that answers SQL')
    return this.#piece(piece)
  }

  #fieldFilter (key: string, given: unknown, column: unknown, depth: number): unknown {
    if (typeof given === 'function' || typeof given === 'symbol') {
      throw new errors.InvalidArgument(`"${key}" of "where" takes a value, or an object of operators`)
    }
    if (typeof given !== 'object' || is(given, Placeholder)) return given
    return Object.fromEntries(entriesOf(`"${key}" of "where"`, given, depth).map(([operator, value]) => {
      if (!operators.has(operator)) throw new errors.InvalidArgument(`"${operator}" is no operator for "${key}"`)
      if (value === emptyFilter) return [operator, value]
      if (value === undefined) {
        throw new errors.InvalidArgument(
          `"${operator}" of "${key}" is undefined: leave it out, or give EmptyFilter to mean no condition`
        )
      }
      if (operator === 'AND' || operator === 'OR') {
        return [operator, listOf(operator, value).map((item) => this.#fieldFilter(key, item, column, depth + 1))]
      }
      if (operator === 'NOT') return [operator, this.#fieldFilter(key, value, column, depth + 1)]
      return [operator, operand(key, operator, value, column)]
    }))
  }

  #piece (piece: unknown, place?: 'list'): SQL {
    const fragment = new SQL([this.scope.fragment(piece, place) as never])
    fragments.add(fragment)
    return fragment
  }
}

function operand (key: string, operator: string, value: unknown, column: unknown): unknown {
  if (isWrapper(value) || is(value, Placeholder)) return value
  const wrong = (what: string): Error =>
    new errors.InvalidArgument(`"${operator}" of "${key}" takes ${what}, got ${shown(value)}`)
  if (operator === 'isNull' || operator === 'isNotNull') {
    if (typeof value !== 'boolean') throw wrong('true')
  } else if (listOperators.has(operator)) {
    if (!Array.isArray(value)) throw wrong('a list')
  } else if (arrayOperators.has(operator)) {
    if (!Array.isArray(value) || value.length === 0) throw wrong('a list that is not empty')
    if (!((column as { dimensions?: number }).dimensions! > 0)) {
      throw new errors.InvalidArgument(`"${operator}" is for columns of arrays, and "${key}" is none`)
    }
  } else if (patternOperators.has(operator)) {
    if (typeof value !== 'string') throw wrong('a text')
  } else if (value === null) {
    throw new errors.InvalidArgument(`"${operator}" of "${key}" is null, which equals nothing: use isNull or isNotNull`)
  }
  return value
}

function copiedOrder (given: unknown, depth: number): unknown {
  return Object.fromEntries(entriesOf('"orderBy"', given, depth).map(([key, value]) => {
    return [key, typeof value === 'object' && value !== null ? copiedOrder(value, depth + 1) : value]
  }))
}

// Own properties of a plain object: what is no such object has none of the keys that are meant, and its condition would
// be lost.
function entriesOf (what: string, given: unknown, depth = 0): Array<[string, unknown]> {
  const prototype: unknown = typeof given === 'object' && given !== null ? Object.getPrototypeOf(given) : undefined
  if (prototype !== null && prototype !== Object.prototype) {
    throw new errors.InvalidArgument(`${what} takes an object, got ${shown(given)}`)
  }
  if (depth > deepest) throw new errors.InvalidArgument(`${what} is nested more than ${deepest} deep`)
  return Object.entries(given as object)
}

function listOf (key: string, given: unknown): unknown[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw new errors.InvalidArgument(`"${key}" takes a list that is not empty`)
  }
  return given
}

function columnsIn ({ table }: TableRelations): Record<string, unknown> {
  return (table as { [columnsOf]: Record<string, unknown> })[columnsOf]
}

function isWrapper (value: unknown): value is { getSQL (): SQL } {
  return typeof value === 'object' && value !== null && typeof (value as { getSQL?: unknown }).getSQL === 'function'
}
