import { defineRelations, is, Table } from 'drizzle-orm'
import * as before from 'drizzle-orm/_relations'

/** `drizzle(client, { schema })` as 0.45 has it: the client first, and relations in the schema. */
export function asBefore (drizzle) {
  const connect = (client, config = {}) => {
    if (typeof client === 'string' || (typeof client === 'object' && Object.hasOwn(client, 'client'))) return drizzle(client, config)
    return drizzle({ client, ...config, relations: config.relations ?? relationsOf(config.schema) })
  }
  return Object.assign(connect, { mock: (config = {}) => drizzle.mock({ ...config, relations: relationsOf(config.schema) }) })
}

/** The relations that `relations()` says, as `defineRelations` has them. */
export function relationsOf (schema = {}) {
  const { tables, tableNamesMap } = before.extractTablesRelationalConfig(schema, before.createTableRelationsHelpers)
  const named = Object.fromEntries(Object.entries(schema).filter(([, value]) => is(value, Table)))
  const nameOf = (table) => Object.keys(named).find((name) => named[name] === table)
  const keyOf = (column) => Object.entries(column.table[Table.Symbol.Columns]).find(([, candidate]) => candidate === column)[0]
  return defineRelations(named, (r) => Object.fromEntries(Object.entries(tables).map(([source, { relations }]) => [source, Object.fromEntries(
    Object.entries(relations).map(([name, relation]) => {
      const target = nameOf(relation.referencedTable)
      const { fields, references } = before.normalizeRelation(tables, tableNamesMap, relation)
      const kind = is(relation, before.One) ? 'one' : 'many'
      return [name, r[kind][target]({ from: fields.map((field) => r[source][keyOf(field)]), to: references.map((field) => r[target][keyOf(field)]) })]
    })
  )])))
}
