import type { FastifyServerOptions } from 'fastify'
import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import { withoutValues } from '../internal/without-values.js'
import { lineEncoder, type NonAscii } from './ascii.js'
import { fileOutput, guardedOutput, standardOutput } from './output.js'
import { prettyOutput, printableLine } from './pretty.js'
import { redactLine } from './redaction.js'
import { cleanErrors, decodeHeaders, errorFields, requestLine } from './serializers.js'

/** What Fastify's `logger` option takes, and pino's options with it. */
type Given = Exclude<FastifyServerOptions['logger'], boolean | undefined>
export type LoggerConfiguration = Omit<Given, 'serializers' | 'genReqId'> & {
  // Fastify names the raw request of one kind of server here, and this stands in the options of any: HTTP/2 and https
  // too.
  serializers?: Record<string, (value: any) => any>
  genReqId?: (request: any) => string
}

/** Options of {@link loggerOptions}: Fastify's and pino's own, and these. */
export interface LoggerOptions extends Omit<LoggerConfiguration, 'redact'> {
  /** Characters beyond ASCII: `'escape'` as `\uXXXX`, `'strip'`, or `'keep'` as UTF-8. Default `'escape'`. */
  nonAscii?: NonAscii
  /** pino's own paths to redact besides the built-in redaction, or `false` for neither. Default: the built-in one. */
  redact?: LoggerConfiguration['redact'] | false
  /**
   * Lines for people, by the app's own `pino-pretty`: `true`, or its options. For development; text is UTF-8. Default
   * `false`.
   */
  pretty?: boolean | Record<string, unknown>
}

const names = [
  'nonAscii', 'redact', 'pretty',
  'base', 'browser', 'crlf', 'customLevels', 'depthLimit', 'edgeLimit', 'enabled', 'errorKey', 'file', 'formatters',
  'genReqId', 'hooks', 'level', 'levelComparison', 'levelVal', 'messageKey', 'mixin', 'mixinMergeStrategy', 'msgPrefix',
  'name', 'nestedKey', 'onChild', 'safe', 'serializers', 'stream', 'timestamp', 'transport', 'useOnlyCustomLevels'
] as const
// A new option of pino or Fastify is missed when this is compiled, and not by an app.
type Complete = [Exclude<keyof LoggerOptions, (typeof names)[number]>] extends [never] ? typeof names : never

/**
 * Fastify's `logger` option for output that holds on every platform: lines of pure ASCII JSON without tokens, cookies
 * or the values that a statement was sent with, on an output whose closing or failing never takes the server down.
 * @throws {TypeError} for an option that does not exist, when `nonAscii` is another word, or `pretty` has an output
 * beside it or no `pino-pretty`
 * @example
 * const app = fastify({ logger: loggerOptions({ level: 'debug' }) })
 */
export function loggerOptions (options: LoggerOptions = {}): LoggerConfiguration {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('The options of loggerOptions() are an object, such as { level: "debug" }, or left out')
  }
  refuseUnknownKeys(options, names satisfies Complete, { of: 'loggerOptions(), Fastify\'s logger or pino' })
  const { nonAscii = 'escape', redact, pretty = false, file, ...rest } = options
  if (pretty !== false && (rest.stream ?? file ?? rest.transport) !== undefined) {
    throw new TypeError('"pretty" option writes to standard output: ' +
      'leave out "stream", "file" and "transport", or "pretty"')
  }
  if (file !== undefined && rest.stream !== undefined) {
    throw new TypeError('"file" and "stream" are two outputs: leave one out')
  }

  const encode = lineEncoder(nonAscii)
  const redacting = redact === false ? encode : (line: string) => encode(redactLine(line))
  const clean = pretty === false ? redacting : (line: string) => redacting(printableLine(line))
  const first = rest.hooks?.streamWrite
  const format = rest.formatters?.log
  const configuration: LoggerConfiguration = {
    ...rest,
    hooks: { ...rest.hooks, streamWrite: first === undefined ? clean : (line) => clean(first(line)) },
    formatters: { ...rest.formatters, log: format === undefined ? cleanErrors : (line) => format(cleanErrors(line)) },
    serializers: serializersOf(rest)
  }
  if (redact !== undefined && redact !== false) configuration.redact = redact
  if (pretty !== false) configuration.stream = prettyOutput(standardOutput(), pretty === true ? {} : pretty)
  else if (rest.stream !== undefined) configuration.stream = guardedOutput(rest.stream)
  else if (file !== undefined) configuration.stream = fileOutput(file)
  else if (rest.transport === undefined) configuration.stream = standardOutput()
  return configuration
}

/** An error is cleaned before the app's own serializer reads it. */
function serializersOf ({ serializers, errorKey = 'err' }: LoggerConfiguration): LoggerConfiguration['serializers'] {
  const own = serializers as Record<string, (value: any) => unknown> | undefined
  const errorSerializers = Object.fromEntries([...new Set(['err', errorKey])].map((key) => {
    const serialize = own?.[key]
    return [key, serialize === undefined ? errorFields : (error: unknown) => serialize(withoutValues(error))]
  }))
  return { req: requestLine, headers: decodeHeaders, ...own, ...errorSerializers } as LoggerConfiguration['serializers']
}
