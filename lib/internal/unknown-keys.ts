import { didYouMean } from './nearest-name.js'

/** Whose keys they are: of a call (`of: 'userScope()'`), or of one option (`under: 'cors'`). */
export interface KeyPlace {
  of?: string
  under?: string
}

/**
 * A sentence about the first own key of an object that is not among the names, with the name that was probably meant;
 * `undefined` when there is none.
 */
export function describeUnknownKey (
  given: object, names: readonly string[], { of, under }: KeyPlace = {}
): string | undefined {
  const key = Object.keys(given).find((name) => !names.includes(name))
  if (key === undefined) return undefined
  const place = of === undefined ? '' : ` of ${of}`
  const option = under === undefined ? key : `${under}.${key}`
  return `"${option}" is not an option${place}; they are ${names.join(', ')}.${didYouMean(key, names)}`
}

/**
 * Refuses an option that does not exist: accepted and ignored, a protection that was asked for would be believed in.
 * @throws {TypeError} naming it and those there are
 */
export function refuseUnknownKeys (given: object, names: readonly string[], place?: KeyPlace): void {
  const problem = describeUnknownKey(given, names, place)
  if (problem !== undefined) throw new TypeError(problem)
}
