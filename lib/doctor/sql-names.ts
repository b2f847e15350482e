import { qualified, quoted } from '../internal/sql-names.js'

/** A table's name as SQL takes it. */
export function tableName ({ schema, name }: { schema: string, name: string }): string {
  return qualified(schema === 'public' ? undefined : schema, name)
}

/** A list of columns as SQL takes it. */
export function columnList (names: string[]): string {
  return names.map(quoted).join(', ')
}

/** How a person calls a table, or a part of one. */
export function placeOf ({ schema, name }: { schema: string, name: string }, part?: string): string {
  const table = schema === 'public' ? name : `${schema}.${name}`
  return part === undefined ? table : `${table}.${part}`
}

/** A Drizzle property for a column of this name. */
export function propertyOf (name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
