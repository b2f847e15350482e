import type { FastifyInstance } from 'fastify'
import type { KnownRoute } from './route-access.js'
import type { RouteRule } from './route-rules.js'

interface ResponseObject { description: string, [field: string]: unknown }
interface Operation { security?: object[], responses?: Record<string, ResponseObject> }
interface OpenapiDocument {
  swagger?: string
  openapi?: string
  paths?: Record<string, Record<string, Operation>>
  components?: { securitySchemes?: Record<string, object> }
  securityDefinitions?: Record<string, object>
}
type SwaggerFunction = (options?: { yaml?: boolean }) => OpenapiDocument | string

const schemeName = 'bearerAuth'
const detail = { type: 'object', required: ['detail'], properties: { detail: { type: 'string' } } }

const descriptions: Record<number, string> = {
  401: 'The token is missing, expired or not valid',
  503: 'Tokens cannot be verified for the moment'
}

// From OpenAPI 3.1 on, the list may name what a bearer token has to hold; before, it has to be empty.
function toSecurity ({ access, demands }: RouteRule, version: string): object[] {
  const scheme = { [schemeName]: /^(?:2|3\.0)\b/.test(version) ? [] : [...demands?.scopes ?? []] }
  return access === 'optional' ? [{}, scheme] : [scheme]
}

/** What a 403 means on this route, or `undefined` where there is none. */
function forbidden ({ owners, organizations, demands }: RouteRule): string | undefined {
  const { scopes = [], roles = [], impersonation = true } = demands ?? {}
  const reasons = [
    owners.length > 0 ? 'the user in the URL is not the user of the token' : null,
    organizations === undefined ? null : 'the organization in the URL is not the active one of the token',
    scopes.length > 0 ? `the token lacks the scope ${scopes.join(' ')}` : null,
    roles.length > 0 ? `the user is not ${roles.join(' or ')}` : null,
    impersonation ? null : 'somebody else acts as the user'
  ].filter((reason) => reason !== null)
  if (reasons.length === 0) return undefined
  const text = reasons.join(', or ')
  return text[0]!.toUpperCase() + text.slice(1)
}

function toResponse (description: string, isSwagger2: boolean): ResponseObject {
  return isSwagger2
    ? { description, schema: detail }
    : { description, content: { 'application/json': { schema: detail } } }
}

function complete (document: OpenapiDocument, rules: WeakMap<object, RouteRule>): void {
  const isSwagger2 = document.swagger !== undefined
  let isUsed = false
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    // The empty list that was put there is the sign: what a route says itself is another one.
    const rule = operation.security === undefined ? undefined : rules.get(operation.security)
    if (rule === undefined || rule.access === 'public') continue
    isUsed = true
    operation.security = toSecurity(rule, document.swagger ?? document.openapi ?? '3.0')
    for (const [status, description] of Object.entries({ ...descriptions, 403: forbidden(rule) })) {
      if (description === undefined) continue
      const response = operation.responses?.[status] ?? toResponse(description, isSwagger2)
      operation.responses = { ...operation.responses, [status]: response }
    }
  }
  if (!isUsed) return
  if (isSwagger2) {
    document.securityDefinitions = {
      [schemeName]: { type: 'apiKey', name: 'authorization', in: 'header' },
      ...document.securityDefinitions
    }
    return
  }
  document.components = {
    ...document.components,
    securitySchemes: {
      [schemeName]: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      ...document.components?.securitySchemes
    }
  }
}

/** Where @fastify/swagger's function is kept: on the instance it was registered on. */
function findHolders (scopes: Iterable<object>): Set<{ swagger: SwaggerFunction }> {
  const holders = new Set<{ swagger: SwaggerFunction }>()
  for (const scope of scopes) {
    for (let at: object | null = scope; at !== null; at = Object.getPrototypeOf(at)) {
      if (Object.hasOwn(at, 'swagger')) holders.add(at as { swagger: SwaggerFunction })
    }
  }
  return holders
}

/**
 * Makes @fastify/swagger show, when the app has it, which routes take a token and how they refuse. Call it
 * when every route is known. Fastify has made its serialisers by then, so the responses of errors stay
 * as they are; a route that sets `schema.security` is left alone.
 */
export function describeInOpenapi (app: FastifyInstance, routes: KnownRoute[]): void {
  const holders = findHolders([app, ...routes.map(({ scope }) => scope)])
  if (holders.size === 0) return

  const rules = new WeakMap<object, RouteRule>()
  for (const { registered, rule } of routes) {
    if (registered.schema !== undefined && Object.hasOwn(registered.schema, 'security')) continue
    // Filled in later: @fastify/swagger fails on a scheme that its document has not declared yet.
    const security: object[] = []
    rules.set(security, rule)
    // It holds this same object, and reads the schema when it is asked.
    registered.schema = { ...registered.schema, security } as NonNullable<typeof registered.schema>
  }

  for (const holder of holders) {
    const describe = holder.swagger
    const completed = new WeakSet<object>()
    holder.swagger = (options) => {
      const document = describe.call(holder, options?.yaml === true ? { ...options, yaml: false } : options)
      if (typeof document === 'string') return document
      if (!completed.has(document)) complete(document, rules)
      completed.add(document)
      // YAML 1.2 takes JSON as it is.
      return options?.yaml === true ? JSON.stringify(document, null, 2) : document
    }
  }
}
