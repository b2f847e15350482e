import type { FastifyInstance } from 'fastify'

/** Puts the warnings where they are read: in the log, or among Node's process warnings when there is none. */
export function reportWarnings (app: FastifyInstance, warnings: string[]): void {
  for (const warning of new Set(warnings)) {
    // Without a logger Fastify puts one there that has no level and says nothing.
    if (app.log.level !== undefined) app.log.warn(warning)
    else process.emitWarning(warning, { type: 'AuthIntegrationWarning', code: 'FAI_WARNING' })
  }
}
