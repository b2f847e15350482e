import { is, Param } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { isWord } from '../drizzle/pieces.js'
import { columnsOf, tableFacts } from '../drizzle/tables.js'

/** Whether PostgreSQL alone writes this column, computed of others: `generated always as (…)`. */
export function isComputed ({ generated }: PgColumn): boolean {
  return generated !== undefined && generated.type !== 'byDefault'
}

/**
 * Lets a row pass that gives no value to a column `generated always`, identities included. PostgreSQL would refuse it
 * (428C9), and Drizzle drops some of these values without a word.
 * @param overriding whether the insert says `overriding system value`, which identities obey. Default false
 * @throws errors.InvalidArgument naming the column
 */
export function assertNotGenerated (table: PgTable, row: Record<string, unknown>, overriding = false): void {
  for (const { key, isIdentity } of generatedOf(table)) {
    if (!(isIdentity && overriding) && Object.hasOwn(row, key) && isGiven(row[key])) {
      throw new errors.InvalidArgument(
        `"${key}" of "${tableFacts(table).name}" is written by PostgreSQL alone (generated always): leave it out`
      )
    }
  }
}

interface GeneratedColumn { key: string, isIdentity: boolean }

const known = new WeakMap<object, GeneratedColumn[]>()

function generatedOf (table: PgTable): GeneratedColumn[] {
  const columns = columnsOf(table)
  let generated = known.get(columns)
  if (generated === undefined) {
    generated = Object.entries(columns).flatMap(([key, column]) => {
      const isIdentity = column.generatedIdentity?.type === 'always'
      return isIdentity || isComputed(column) ? [{ key, isIdentity }] : []
    })
    known.set(columns, generated)
  }
  return generated
}

// The word `default` is what PostgreSQL takes for these columns.
function isGiven (value: unknown): boolean {
  return (is(value, Param) ? value.value : value) !== undefined && !isWord(value, 'default')
}
