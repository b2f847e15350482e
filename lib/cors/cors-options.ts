import type { FastifyCorsOptions } from '@fastify/cors'
import { refuseUnknownKeys } from '../internal/unknown-keys.js'

/** The `cors` option, checked: without what was left `undefined`. */
export type CorsOptions = Omit<FastifyCorsOptions, 'origin' | 'delegator'>

/**
 * @fastify/cors decorates requests with this, and sets it on preflights; whoever registers it twice reads about a
 * decorator.
 */
export const preflightFlag = 'corsPreflightEnabled'

const isName = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''
const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isNames = {
  takes: 'a name or a list of names, such as ["x-total"]',
  fits: (value: unknown) => isName(value) || (Array.isArray(value) && value.every(isName))
}
const isBoolean = { takes: 'true or false', fits: isFlag }
const isSeconds = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

// What @fastify/cors is given without a look, it ignores or sends as it is.
const known: Readonly<Record<keyof CorsOptions, { takes: string, fits: (value: unknown) => boolean }>> = {
  hook: {
    takes: '"onRequest": later, preflights and refusals would lack the CORS headers',
    fits: (value) => value === 'onRequest'
  },
  methods: isNames,
  allowedHeaders: isNames,
  exposedHeaders: isNames,
  credentials: isBoolean,
  maxAge: { takes: 'a whole number of seconds', fits: isSeconds },
  cacheControl: {
    takes: 'a whole number of seconds, or the text of the header',
    fits: (value) => isName(value) || isSeconds(value)
  },
  preflight: isBoolean,
  strictPreflight: isBoolean,
  preflightContinue: isBoolean,
  optionsSuccessStatus: {
    takes: 'a status from 200 to 299',
    fits: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 299
  },
  hideOptionsRoute: isBoolean,
  logLevel: { takes: 'the name of a log level', fits: isName }
}

/**
 * Reads the `cors` option, `false` apart.
 * @throws {TypeError} for what is no object of options, an option that does not exist or that would undo the list of
 * origins, and a value that @fastify/cors would ignore or send as it is
 */
export function parseCorsOptions (cors: unknown = {}): CorsOptions {
  if (typeof cors !== 'object' || cors === null || Array.isArray(cors)) {
    throw new TypeError('"cors" must be options of @fastify/cors, such as { maxAge: 600 }, or false: ' +
      'which origins may call is listed in frontendUrl')
  }
  const given = Object.entries(cors).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (name === 'origin' || name === 'delegator') {
      throw new TypeError(`"cors.${name}" is not taken: list the origins in frontendUrl, ` +
        'or pass cors: false and register @fastify/cors yourself')
    }
    refuseUnknownKeys({ [name]: value }, Object.keys(known), { under: 'cors' })
    const { takes, fits } = known[name as keyof CorsOptions]
    if (!fits(value)) throw new TypeError(`"cors.${name}" has to be ${takes}`)
  }
  return Object.fromEntries(given)
}
