export * from 'drizzle-orm/casing'

/** A column's name is final when its table is made. */
export class CasingCache {
  getColumnCasing (column) { return column.name }
}
