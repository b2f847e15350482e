import type { PgTable } from 'drizzle-orm/pg-core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import type { AnyPgDatabase, ScopeOptions } from '../options.js'
import { compileScope, type UserScope } from './scope.js'

/** Gives each request the database and the repositories of its user, made when they are first used. */
export function registerRepository (app: FastifyInstance, db: AnyPgDatabase | undefined, options: ScopeOptions): void {
  const scopeFor = db === undefined ? undefined : compileScope(db, options)
  const scopeKey = Symbol('fastify-auth-integration.scope')
  type ScopedRequest = FastifyRequest & { [scopeKey]: UserScope | null }

  function scopeOf (request: FastifyRequest): UserScope {
    if (scopeFor === undefined) throw new errors.NoDatabase()
    const scoped = request as ScopedRequest
    scoped[scopeKey] ??= scopeFor(request.userId)
    return scoped[scopeKey]
  }

  app.decorateRequest(scopeKey as never, null as never)
  app.decorateRequest('db', { getter (this: FastifyRequest) { return scopeOf(this).db as never } })
  app.decorateRequest('repository', function (this: FastifyRequest, table: PgTable) { return scopeOf(this).repository(table) } as never)
}
