import type { FastifySchema, InjectOptions } from 'fastify'
import type { RouteAccess } from '../types.js'
import { jsonSchemaOf } from './json-schema.js'
import { sampleInput, type SampleOptions, type SampleSchema } from './sample-input.js'

/** What a route is asked with, where its schema is not enough. */
export interface RouteInput {
  params?: Record<string, string | number>
  query?: Record<string, string | number | boolean>
  body?: unknown
  headers?: Record<string, string>
}

interface RequestOptions extends SampleOptions {
  /** A row of the user's that the URL is about. */
  row?: unknown
  input?: RouteInput | undefined
}

const withBody = new Set(['POST', 'PUT', 'PATCH'])

function paramValue (
  name: string,
  schema: SampleSchema | undefined,
  { owners, userId, row, input, canary }: RequestOptions
): string {
  if (input?.params?.[name] !== undefined) return String(input.params[name])
  if (owners.includes(name)) return userId
  const known = row as Record<string, unknown> | undefined
  const found = known?.[name] ?? (/id$/i.test(name) ? known?.id : undefined)
  if (found !== undefined) return String(found)
  return schema === undefined ? '1' : String(sampleInput(schema, { owners, userId, canary }))
}

/** Fills a route's URL, query and body, from what was given, a row, and the route's schema. */
export function buildRequest (
  { method, url }: RouteAccess,
  schema: FastifySchema | undefined,
  options: RequestOptions
): InjectOptions {
  const params = jsonSchemaOf(schema?.params)?.properties
  const filled = url
    .replace(/:(\w+)(\((?:[^()\\]|\\.|\([^()]*\))*\))?\??/g, (_text, name: string) =>
      encodeURIComponent(paramValue(name, params?.[name], options))
    )
    .replace(/\*$/, 'x')
  const query = { ...requiredOf(jsonSchemaOf(schema?.querystring), options), ...options.input?.query }
  const bodySchema = withBody.has(method) ? jsonSchemaOf(schema?.body) : undefined
  const body = options.input?.body ?? (bodySchema === undefined ? undefined : sampleInput(bodySchema, options))
  return {
    method: method as NonNullable<InjectOptions['method']>,
    url: filled,
    query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
    headers: options.input?.headers ?? {},
    ...(body === undefined ? null : { payload: body as object })
  }
}

// A filter that a sample fills in would hide rows; only what the route insists on is sent.
function requiredOf (schema: SampleSchema | undefined, options: RequestOptions): Record<string, unknown> {
  const names = schema?.required ?? []
  return Object.fromEntries(
    names.map((name) => [
      name,
      options.owners.includes(name) ? options.userId : sampleInput(schema?.properties?.[name] ?? {}, options)
    ])
  )
}

function paramPattern (name: string): RegExp {
  return new RegExp(`:${name}(?![\\w$])`)
}

/** Whether the URL names the user. */
export function namesOwner ({ url }: RouteAccess, owners: readonly string[]): boolean {
  return owners.some((owner) => paramPattern(owner).test(url))
}

/** Whether the URL names something beside the user. */
export function namesRow ({ url }: RouteAccess, owners: readonly string[]): boolean {
  return owners.reduce((rest, owner) => rest.replace(paramPattern(owner), ''), url).includes(':')
}
