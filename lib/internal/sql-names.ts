/** An identifier as SQL takes it, whatever it holds. */
export function quoted (name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A name with its schema, if it has one, as SQL takes it. */
export function qualified (schema: string | undefined, name: string): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`
}
