import { is, type Column, type View } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { PgViewBase } from 'drizzle-orm/pg-core/view-base'
import { Table } from 'drizzle-orm/table'
import { ViewBaseConfig } from 'drizzle-orm/view-common'

/** The names and columns a table object carries behind symbols. */
export interface TableFacts {
  schema: string | undefined
  /** The table's own name in the database, under any alias. */
  name: string
  /** What the query calls it. */
  alias: string
  isAlias: boolean
  columns: Record<string, PgColumn>
  /** One object for the table and all its aliases. */
  identity: object
}

type SymbolTable = Record<symbol, any>

// A static that Drizzle's declarations leave out.
const { Symbol: symbols } = Table as unknown as {
  Symbol: Record<'Schema' | 'OriginalName' | 'Name' | 'IsAlias' | 'Columns' | 'ExtraConfigColumns', symbol>
}

/** Reads a table, or an alias of one. */
export function tableFacts (table: PgTable): TableFacts {
  const raw = table as unknown as SymbolTable
  return {
    schema: raw[symbols.Schema],
    name: raw[symbols.OriginalName],
    alias: raw[symbols.Name],
    isAlias: raw[symbols.IsAlias],
    columns: raw[symbols.Columns],
    identity: raw[symbols.ExtraConfigColumns]
  }
}

/** A table's columns by their property names. */
export function columnsOf (table: PgTable): Record<string, PgColumn> {
  return (table as unknown as SymbolTable)[symbols.Columns]
}

/** Whether a source is a view or a materialised view. */
export function isView (source: unknown): source is View {
  return is(source, PgViewBase)
}

/** Reads a view, or an alias of one. */
export function viewFacts (
  view: object
): { schema: string | undefined, name: string, alias: string, selectedFields: Record<string, unknown> } {
  const config = (view as SymbolTable)[ViewBaseConfig]
  return { schema: config.schema, name: config.originalName, alias: config.name, selectedFields: config.selectedFields }
}

/** What the query calls the table a column belongs to. */
export function tableAliasOf (column: Column): string {
  return (column.table as unknown as SymbolTable)[symbols.Name]
}
