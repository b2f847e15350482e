import type { FastifyInstance } from 'fastify'

const self = 'fastify-auth-integration'

/** What this package puts on each request of the scopes it covers. */
const requestNames: ReadonlyMap<PropertyKey, string> = new Map([
  ['userId', 'the verified user'],
  ['organizationId', 'the active organization'],
  ['claims', 'the verified claims'],
  ['db', 'the user\'s database'],
  ['repository', 'the user\'s repositories']
])

const once = `register ${self} once, on the outermost instance it is to guard`
/** What it puts on the instance, and the way out. */
const appNames: ReadonlyMap<PropertyKey, string> = new Map([
  ['verifyToken', `${once}, and leave that name to it`],
  ['routeAccess', `${once}, and leave that name to it`],
  ['jwt', 'register your @fastify/jwt before it, and app.jwt stays yours, or give yours a "namespace"']
])

const requestSentence = (name: string): string =>
  `request.${name} belongs to ${self}, which puts ${requestNames.get(name)} there: give yours another name`
const appSentence = (name: string): string => `app.${name} belongs to ${self}: ${appNames.get(name)}`

/**
 * Refuses to start where the app, or a plugin before this one, has taken a name: Fastify would say that a decorator was
 * added twice, and not by whom.
 * @throws {TypeError} naming it, this package and the way out
 */
export function refuseTakenNames (app: FastifyInstance): void {
  for (const name of ['verifyToken', 'routeAccess']) if (app.hasDecorator(name)) throw new TypeError(appSentence(name))
  for (const name of requestNames.keys()) {
    if (app.hasRequestDecorator(name as string)) throw new TypeError(requestSentence(name as string))
  }
}

/**
 * Keeps the names from whoever decorates later, in scopes below too: there a value would fail with each request, and a
 * getter would quietly stand for the verified user.
 * @param options.jwt whether `app.jwt` is this package's; scopes below may have one of their own
 */
export function keepNames (app: FastifyInstance, { jwt }: { jwt: boolean }): void {
  const { decorate, decorateRequest } = app
  app.decorate = function (this: FastifyInstance, ...[name, ...rest]: Parameters<typeof decorate>) {
    const isTaken = name === 'jwt' ? jwt && Object.hasOwn(this, 'jwt') : appNames.has(name)
    if (isTaken) throw new TypeError(appSentence(name as string))
    return decorate.call(this, name, ...rest)
  } as typeof decorate
  app.decorateRequest = function (this: FastifyInstance, ...[name, ...rest]: Parameters<typeof decorateRequest>) {
    if (requestNames.has(name)) throw new TypeError(requestSentence(name as string))
    return decorateRequest.call(this, name, ...rest)
  } as typeof decorateRequest
}

/** A setter for a name of ours, which says what `Cannot set property … which has only a getter` does not. */
export function refuseAssignment (name: string): () => never {
  return () => { throw new TypeError(requestSentence(name)) }
}
