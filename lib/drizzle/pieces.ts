import type { Column, Subquery, SQLWrapper } from 'drizzle-orm'
import { is, SQL, StringChunk, WithSubquery } from 'drizzle-orm'
import { SelectionProxyHandler } from 'drizzle-orm/selection-proxy'
import { drizzle } from './version.js'

/** The fields of a select, by their names in a row. */
export type Fields = Record<string, unknown>

/** The text of a piece that is nothing but text; `undefined` for any other. */
export function textOf (piece: unknown): string | undefined {
  return is(piece, StringChunk) ? drizzle.textOf(piece) : undefined
}

/**
 * Whether a piece is nothing but this word: `*` in a select list and `default` for a value stand without parentheses.
 */
export function isWord (piece: unknown, word: string | undefined): boolean {
  if (word === undefined || !is(piece, SQL) || piece.queryChunks.length !== 1) return false
  return textOf(piece.queryChunks[0])?.trim().toLowerCase() === word
}

/** Whether a builder, sub-query or fragment can be asked for its SQL. */
export function isWrapper (value: unknown): value is SQLWrapper {
  return typeof value === 'object' && value !== null && typeof (value as SQLWrapper).getSQL === 'function'
}

/** Whether it is a builder, of whichever database. */
export function isBuilder (wrapper: object): boolean {
  return 'toSQL' in wrapper || 'getSelectedFields' in wrapper
}

/** Whether values are written into the text, as `inlineParams()` asks. */
export function inlinesValues (piece: SQL): boolean {
  return (piece as unknown as { shouldInlineParams: boolean }).shouldInlineParams
}

/** Whether an aliased field is one of a sub-query's, to be named only. */
export function isSelectionField (field: SQL.Aliased): boolean {
  return (field as unknown as { isSelectionField: boolean }).isSelectionField
}

/** The sub-query that an aliased field is one of, where the field knows. */
export function originOf (field: SQL.Aliased): string | undefined {
  return drizzle.originOf(field)
}

/** What `column.as()` was called on and with; `undefined` for a column itself. */
export function aliasOf (column: Column): { column: Column, alias: string } | undefined {
  return drizzle.aliasOf(column)
}

/** What a sub-query is made of; one that `isWith` is a common table expression. */
export function subqueryParts (subquery: Subquery): { alias: string, sql: SQL, isWith: boolean } {
  return subquery._
}

/** The fields that a builder selects or returns; none for a write that returns nothing. */
export function selectedFieldsOf (builder: object): Fields {
  const { getSelectedFields } = builder as { getSelectedFields? (): Fields | undefined }
  return getSelectedFields?.call(builder) ?? {}
}

/** The fields of the query of an `insert … select`. */
export function fieldsOfQuery (query: object): Fields {
  return (query as { _?: { selectedFields?: Fields } })._?.selectedFields ?? {}
}

/** A common table expression, whose fields are read as those of a sub-query. */
export function commonTableExpression (statement: SQL, fields: Fields, alias: string): WithSubquery {
  return new Proxy(
    new WithSubquery(statement, fields, alias, true),
    new SelectionProxyHandler(
      { alias, sqlAliasedBehavior: 'alias', sqlBehavior: 'error' }
    ) as ProxyHandler<WithSubquery>
  )
}

/** Makes a sub-query of one field in the select list read its value as that field does. */
export function decodeLikeItsField (subquery: Subquery): void {
  const [field, ...others] = Object.values(subquery._.selectedFields)
  if (field === undefined || others.length > 0) return
  const target = subquery._.sql as unknown as Decoding
  // A column is its own decoder.
  const source = is(field, SQL.Aliased) ? field.sql : field
  target.decoder = is(source, SQL) ? (source as unknown as Decoding).decoder : source
}

interface Decoding { decoder: unknown }
