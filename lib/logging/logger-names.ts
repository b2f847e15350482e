import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import type { LoggerOptions } from './logger-options.js'

// Typed, so that a new option of pino or Fastify is missed when this is compiled, and not by an app.
const known: Readonly<Record<keyof LoggerOptions, true>> = {
  nonAscii: true,
  redact: true,
  pretty: true,
  base: true,
  browser: true,
  crlf: true,
  customLevels: true,
  depthLimit: true,
  edgeLimit: true,
  enabled: true,
  errorKey: true,
  file: true,
  formatters: true,
  genReqId: true,
  hooks: true,
  level: true,
  levelComparison: true,
  levelVal: true,
  messageKey: true,
  mixin: true,
  mixinMergeStrategy: true,
  msgPrefix: true,
  name: true,
  nestedKey: true,
  onChild: true,
  safe: true,
  serializers: true,
  stream: true,
  timestamp: true,
  transport: true,
  useOnlyCustomLevels: true
}

/**
 * Refuses what is no object of options, and an option that nobody reads.
 * @throws {TypeError} naming it
 */
export function checkLoggerNames (options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('The options of loggerOptions() are an object, such as { level: "debug" }, or left out')
  }
  refuseUnknownKeys(options, Object.keys(known), { of: 'loggerOptions()' })
}
