/** JSON Schema as far as samples are made from it. */
export interface SampleSchema {
  type?: string | string[]
  properties?: Record<string, SampleSchema>
  required?: string[]
  items?: SampleSchema
  enum?: unknown[]
  const?: unknown
  default?: unknown
  examples?: unknown[]
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minItems?: number
  anyOf?: SampleSchema[]
  oneOf?: SampleSchema[]
  allOf?: SampleSchema[]
}

/** What a sample is made for. */
export interface SampleOptions {
  /** Property names that hold the user, such as `user_id`. */
  owners: readonly string[]
  userId: string
  /** Free text in the sample carries it, so that it is recognised wherever it turns up. */
  canary: string
}

const formats: Record<string, string> = {
  uuid: '00000000-0000-4000-8000-000000000000',
  date: '2026-01-02',
  time: '03:04:05Z',
  'date-time': '2026-01-02T03:04:05Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1'
}

function sampleText (schema: SampleSchema, canary: string): string {
  const known = schema.format === undefined ? undefined : formats[schema.format]
  if (known !== undefined) return known
  return canary.padEnd(schema.minLength ?? 0, 'x').slice(0, schema.maxLength)
}

function sampleNumber ({ minimum, maximum, exclusiveMinimum }: SampleSchema): number {
  if (exclusiveMinimum !== undefined && exclusiveMinimum >= 1) return exclusiveMinimum + 1
  // Zod writes the bounds of safe integers.
  if (minimum !== undefined && minimum > 1) return minimum
  return maximum !== undefined && maximum < 1 ? maximum : 1
}

/** A value that a JSON Schema most probably accepts; a `pattern` or a `$ref` needs given inputs. */
export function sampleInput (schema: SampleSchema, options: SampleOptions): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.examples !== undefined) return schema.examples[0]
  const chosen = schema.anyOf?.[0] ?? schema.oneOf?.[0]
  if (chosen !== undefined) return sampleInput(chosen, options)
  if (schema.allOf !== undefined) {
    return Object.assign({}, ...schema.allOf.map((part) => sampleInput(part, options)))
  }
  const type =
    [schema.type].flat().find((name) => name !== 'null') ?? (schema.properties === undefined ? undefined : 'object')
  switch (type) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) =>
        [name, options.owners.includes(name) ? options.userId : sampleInput(property, options)]))
    case 'array':
      return Array.from({ length: schema.minItems ?? 1 }, () => sampleInput(schema.items ?? {}, options))
    case 'integer':
    case 'number':
      return sampleNumber(schema)
    case 'boolean':
      return schema.default ?? false
    default:
      return sampleText(schema, options.canary)
  }
}
