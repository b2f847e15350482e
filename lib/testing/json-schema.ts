import type { SampleSchema } from './sample-input.js'

interface SchemaObject {
  /** Zod 4. */
  toJSONSchema?: (options: { io: 'input', unrepresentable: 'any' }) => SampleSchema
  /** Standard JSON Schema: Zod, Valibot, ArkType. */
  '~standard'?: { jsonSchema?: { input: (options: { target: string }) => SampleSchema } }
}

/**
 * The JSON Schema of a route's schema: the schema itself, or what a library's schema object turns itself into.
 * @returns `undefined` where there is none, as with Zod 3: such a route needs given inputs
 */
export function jsonSchemaOf (schema: unknown): SampleSchema | undefined {
  if (typeof schema !== 'object' && typeof schema !== 'function') return undefined
  const { toJSONSchema, '~standard': standard } = (schema ?? {}) as SchemaObject
  try {
    if (typeof toJSONSchema === 'function') return toJSONSchema({ io: 'input', unrepresentable: 'any' })
    if (standard !== undefined) return standard.jsonSchema?.input({ target: 'draft-07' })
  } catch {
    return undefined
  }
  return schema as SampleSchema | undefined ?? undefined
}
