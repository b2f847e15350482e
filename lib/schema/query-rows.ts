/** The rows of a raw statement: postgres-js returns the rows themselves, other drivers an object that holds them. */
export function rowsOf<Row> (result: unknown): Row[] {
  return (Array.isArray(result) ? result : (result as { rows: Row[] }).rows) as Row[]
}
