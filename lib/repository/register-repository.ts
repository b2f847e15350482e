import type { PgTable } from 'drizzle-orm/pg-core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import { parseOrganization } from '../internal/organization.js'
import { refuseAssignment } from '../internal/reserved-names.js'
import type { AnyPgDatabase, ScopeOptions } from '../options.js'
import { checkScopeWithoutDatabase } from '../scope/scope-options.js'
import { runningRequests } from './running-requests.js'
import { compileScope, type UserScope } from './user-scope.js'
import type { Owned } from './scoped-types.js'

/**
 * Gives each request the database and the repositories of its user, made when they are first used.
 * @throws {TypeError} when `db` is no Drizzle PostgreSQL database or an option contradicts another
 */
export function registerRepository (app: FastifyInstance, db: AnyPgDatabase | undefined, options: ScopeOptions): void {
  if (db === undefined) checkScopeWithoutDatabase(options)
  const scope = db === undefined ? undefined : compileScope(db, options)
  const hasOrganizations = parseOrganization(options.organization) !== undefined
  const scopeKey = Symbol('fastify-auth-integration.scope')
  type ScopedRequest = FastifyRequest & { [scopeKey]: UserScope | null }

  function scopeOf (request: FastifyRequest): UserScope {
    if (scope === undefined) throw new errors.NoDatabase()
    const scoped = request as ScopedRequest
    scoped[scopeKey] ??= scope.forCaller(
      { userId: request.userId, organizationId: hasOrganizations ? request.organizationId : null },
      runningRequests.holderOf(request)
    )
    return scoped[scopeKey]
  }

  scope?.onWarning((sentence) => { app.log.warn(sentence) })
  const checkRole = scope?.checkRole
  if (checkRole !== undefined) {
    app.addHook('onReady', async () => {
      const open = await checkRole()
      if (open.length > 0) {
        app.log.warn({ tables: open }, 'rowLevelSecurity is on, but these owned tables have none: add ' +
          'userIsolationPolicy(), or organizationIsolationPolicy(), to them')
      }
    })
  }

  if (scope !== undefined) runningRequests.register(app)
  app.decorateRequest(scopeKey, null)
  app.decorateRequest('db', { setter: refuseAssignment('db'), getter () { return scopeOf(this).db } })
  app.decorateRequest(
    'repository',
    function <TTable extends PgTable> (
      this: FastifyRequest, table: TTable & Owned<TTable>
    ) { return scopeOf(this).repository<TTable>(table) }
  )
}
