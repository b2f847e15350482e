import type { FastifyServerOptions } from 'fastify'
import { lineEncoder, type NonAscii } from './ascii.js'
import { checkLoggerNames } from './logger-names.js'
import { guardedOutput, standardOutput } from './output.js'
import { prettyOutput, printableLine } from './pretty.js'
import { redactLine } from './redaction.js'
import { decodeHeaders, requestLine } from './serializers.js'

/** What Fastify's `logger` option takes, and pino's options with it. */
export type LoggerConfiguration = Exclude<FastifyServerOptions['logger'], boolean | undefined>

/** Options of {@link loggerOptions}: Fastify's and pino's own, and these. */
export interface LoggerOptions extends Omit<LoggerConfiguration, 'redact'> {
  /** Characters beyond ASCII: `'escape'` as `\uXXXX`, `'strip'`, or `'keep'` as UTF-8. Default `'escape'`. */
  nonAscii?: NonAscii
  /** pino's own paths to redact besides the built-in redaction, or `false` for neither. Default: the built-in one. */
  redact?: LoggerConfiguration['redact'] | false
  /** Lines for people, by the app's own `pino-pretty`: `true`, or its options. For development; text is UTF-8. Default `false`. */
  pretty?: boolean | Record<string, unknown>
}

/**
 * Fastify's `logger` option for output that holds on every platform: lines of pure ASCII JSON without tokens or cookies, on an
 * output whose closing or failing never takes the server down.
 * @throws {TypeError} for an option that does not exist, when `nonAscii` is another word, or `pretty` has an output beside it or no `pino-pretty`
 * @example
 * const app = fastify({ logger: loggerOptions({ level: 'debug' }) })
 */
export function loggerOptions (options: LoggerOptions = {}): LoggerConfiguration {
  checkLoggerNames(options)
  const { nonAscii = 'escape', redact, pretty = false, ...rest } = options
  if (pretty !== false && (rest.stream ?? rest.file ?? rest.transport) !== undefined) {
    throw new TypeError('"pretty" option writes to standard output: leave out "stream", "file" and "transport", or "pretty"')
  }

  const encode = lineEncoder(nonAscii)
  const redacting = redact === false ? encode : (line: string) => encode(redactLine(line))
  const clean = pretty === false ? redacting : (line: string) => redacting(printableLine(line))
  const first = rest.hooks?.streamWrite
  const configuration: LoggerConfiguration = {
    ...rest,
    hooks: { ...rest.hooks, streamWrite: first === undefined ? clean : (line) => clean(first(line)) },
    serializers: { req: requestLine, headers: decodeHeaders, ...rest.serializers } as LoggerConfiguration['serializers']
  }
  if (redact !== undefined && redact !== false) configuration.redact = redact
  if (pretty !== false) configuration.stream = prettyOutput(standardOutput(), pretty === true ? {} : pretty)
  else if (rest.stream !== undefined) configuration.stream = guardedOutput(rest.stream)
  else if (rest.file === undefined && rest.transport === undefined) configuration.stream = standardOutput()
  return configuration
}
