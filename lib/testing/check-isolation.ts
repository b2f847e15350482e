import type { FastifySchema, InjectOptions, LightMyRequestResponse } from 'fastify'
import { randomUUID } from 'node:crypto'
import { routeSchemas, type RouteAccess } from '../types.js'
import { findCanary, isSuccess, recordOwn, type UserData } from './user-data.js'
import { mintToken, type TestedApp } from './inject-as.js'
import type { IsolationOptions, IsolationReport, Leak } from './isolation-report.js'
import { buildRequest, namesOwner, namesRow } from './route-request.js'

/** A request, and what came back. */
interface Asked {
  response: LightMyRequestResponse
  /** Query and body, as text. */
  sent: string
  /** Method and URL, as they were sent. */
  request: string
}

// Making comes first, so that there is something to leak, and deleting last.
const order = ['POST', 'PUT', 'GET', 'HEAD', 'PATCH', 'DELETE']

/** What is the same fault, whichever text it showed. */
function kindOf (what: string): string {
  return what.replace(/^showed ".*?"/, 'showed')
}

function createUser (id: string, secrets: string[] = []): UserData {
  const canary = `canary-${randomUUID()}`
  return { id, canary, canaries: new Set([id, canary, ...secrets]), rows: [] }
}

/** HEAD runs the handler of its GET, so it is driven only where it stands alone. */
function toDrive (routes: RouteAccess[], inputs: IsolationOptions['inputs'] = {}): RouteAccess[] {
  const gets = new Set(routes.filter(({ method }) => method === 'GET').map(({ url }) => url))
  return routes
    .filter(
      ({ method, url }) =>
        method !== 'OPTIONS' && !(method === 'HEAD' && gets.has(url)) && inputs[`${method} ${url}`] !== false
    )
    .sort((one, other) => order.indexOf(one.method) - order.indexOf(other.method))
}

// Behind `preHandler` a stranger's bad body is 400 or 415 first, which gives nothing away.
function isKeptOut ({ statusCode }: { statusCode: number }): boolean {
  return statusCode === 401 || statusCode === 400 || statusCode === 415
}

/**
 * Drives every route as two users and as nobody, and reports which route gave whom whose data.
 * First each user makes and reads their own, so that there is something to leak; then each asks for the
 * other's. It writes and deletes: use a database for tests.
 * @throws {TypeError} when the app is not guarded, or has no secret and no issuer was given
 * @example
 * const report = await checkIsolation(app)
 * t.same(report.leaks, [])
 */
export async function checkIsolation (app: TestedApp, options: IsolationOptions = {}): Promise<IsolationReport> {
  await app.ready()
  if (!app.hasDecorator('routeAccess')) {
    throw new TypeError('checkIsolation needs an app that has registered fastify-auth-integration')
  }
  const schemas = (app as unknown as { [routeSchemas]: () => Map<string, FastifySchema | undefined> })[routeSchemas]()
  const owners = options.ownerParams ?? ['user_id', 'userId']
  const ids = options.users ?? [`user-${randomUUID()}`, `user-${randomUUID()}`]
  const [first, second] = [createUser(ids[0], options.secrets?.[ids[0]]), createUser(ids[1], options.secrets?.[ids[1]])]
  const pairs = [[first, second], [second, first]] as const
  const routes = toDrive(app.routeAccess(), options.inputs)
  const scope = [...new Set(routes.flatMap((route) => route.scope ?? []))].join(' ')
  const leaks: Array<Leak & { kind: string }> = []
  const statuses = new Map<RouteAccess, number>()

  async function ask (
    route: RouteAccess,
    caller: UserData | null,
    whose: UserData,
    row?: unknown,
    held = scope
  ): Promise<Asked> {
    const key = `${route.method} ${route.url}`
    const given = options.inputs?.[key]
    const input = typeof given === 'function' ? given(whose.id) : given === false ? undefined : given
    const request: InjectOptions = buildRequest(route, schemas.get(key), {
      owners,
      userId: whose.id,
      canary: (caller ?? whose).canary,
      row,
      input
    })
    const source = held === '' ? options : { ...options, claims: { scope: held, ...options.claims } }
    const authorization = caller === null ? undefined : `Bearer ${mintToken(app, caller.id, source)}`
    const headers = { ...request.headers, ...(authorization === undefined ? null : { authorization }) }
    const response = await app.inject({ ...request, headers })
    const sent = JSON.stringify([request.query, request.payload])
    return { response, sent, request: `${route.method} ${response.raw.req.url ?? route.url}` }
  }

  function report (
    { method, url }: RouteAccess,
    caller: string,
    owner: string,
    { response, request }: Asked,
    what: string
  ): void {
    const same = leaks.find(
      (leak) =>
        leak.method === method &&
        leak.url === url &&
        leak.caller === caller &&
        leak.owner === owner &&
        leak.kind === kindOf(what)
    )
    if (same !== undefined) same.times++
    else {
      leaks.push({
        method,
        url,
        caller,
        owner,
        status: response.statusCode,
        what,
        kind: kindOf(what),
        request,
        times: 1
      })
    }
  }

  /** What the owner reads now. */
  async function snapshot (owner: UserData): Promise<Map<RouteAccess, string>> {
    const bodies = new Map<RouteAccess, string>()
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const bodiesOfRows = []
      for (const row of rowsFor(route, owner)) {
        const { response } = await ask(route, owner, owner, row)
        if (isSuccess(response)) bodiesOfRows.push(response.body)
      }
      bodies.set(route, bodiesOfRows.join('\n'))
    }
    return bodies
  }

  function rowsFor (route: RouteAccess, owner: UserData): unknown[] {
    // A route that names no row is asked once.
    // A copy, since a response to PUT adds to them during the loop.
    return namesRow(route, owners) && owner.rows.length > 0 ? [...owner.rows] : [undefined]
  }

  async function driveAsThemselves (route: RouteAccess): Promise<void> {
    for (const [user, other] of pairs) {
      for (const row of rowsFor(route, user)) {
        const asked = await ask(route, user, user, row)
        const { response, sent } = asked
        if (isSuccess(response) || !statuses.has(route)) statuses.set(route, response.statusCode)
        const seen = findCanary(response, route, other, user, sent)
        if (seen !== null) report(route, user.id, other.id, asked, `showed ${seen} of the other user`)
        else if (isSuccess(response)) recordOwn(response, route, user)
      }
    }
  }

  async function driveAgainst (owner: UserData, caller: UserData | null): Promise<void> {
    const name = caller?.id ?? 'nobody'
    const [before, again] = [await snapshot(owner), await snapshot(owner)]
    for (const route of routes) {
      for (const row of rowsFor(route, owner)) {
        const asked = await ask(route, caller, owner, row)
        const { response, sent } = asked
        const isGuarded = route.access === 'token' || route.access === 'owner'
        const seen = findCanary(response, route, owner, caller, sent)
        if (seen !== null) {
          report(route, name, owner.id, asked, `showed ${seen}`)
        } else if (caller === null && isGuarded && !isKeptOut(response)) {
          report(route, name, owner.id, asked, 'let a caller without a token in')
        } else if (caller !== null && isGuarded && isSuccess(response) && namesOwner(route, owners)) {
          report(route, name, owner.id, asked, 'succeeded on a URL of the other user')
        }
        if (route.method === 'GET' || !isSuccess(response)) continue
        const after = await snapshot(owner)
        for (const [read, body] of before) {
          // What differs without anyone's doing, such as the time, is no sign.
          if (body !== again.get(read) || body === after.get(read)) continue
          report(route, name, owner.id, asked, `changed what the owner reads at ${read.method} ${read.url}`)
          for (const known of [before, again]) known.set(read, after.get(read) as string)
        }
      }
    }
  }

  // With each scope but one that the route needs: what it misses is what the route asks for.
  async function driveWithoutScope (route: RouteAccess): Promise<void> {
    for (const missing of route.scope ?? []) {
      const held = scope.split(' ').filter((name) => name !== missing).join(' ')
      const asked = await ask(route, first, first, first.rows[0], held === '' ? 'none' : held)
      if (isSuccess(asked.response)) {
        report(route, first.id, first.id, asked, `let a token without the scope ${missing} in`)
      }
    }
  }

  for (const route of routes.filter(({ method }) => method !== 'DELETE')) await driveAsThemselves(route)
  for (const route of routes) await driveWithoutScope(route)
  for (const [owner, other] of pairs) {
    await driveAgainst(owner, other)
    await driveAgainst(owner, null)
  }
  for (const route of routes.filter(({ method }) => method === 'DELETE')) await driveAsThemselves(route)

  const unproven = routes
    .map((route) => ({
      method: route.method,
      url: route.url,
      access: route.access,
      status: statuses.get(route) as number
    }))
    .filter(({ access, status }) => access !== 'public' && !isSuccess({ statusCode: status }))
    .map(({ method, url, status }) => ({ method, url, status }))
  return { leaks: leaks.map(({ kind, ...leak }) => leak), unproven, routes: routes.length }
}
