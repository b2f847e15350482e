import { errors } from '../errors.js'
import { describeUnknownKey } from '../internal/unknown-keys.js'

/**
 * The options of a repository's method.
 * @param method as it stands in the error
 * @param names those that it obeys
 * @throws errors.InvalidArgument for what is no object, and for an option that would be ignored
 */
export function callOptions<Options extends object> (
  method: string, options: Options, names: ReadonlyArray<keyof Options & string>
): Options {
  // A text would be taken apart letter by letter.
  if (typeof options !== 'object' || options === null) {
    throw new errors.InvalidArgument(`The options of ${method}() are an object`)
  }
  const problem = describeUnknownKey(options, names, { of: `${method}()` })
  if (problem !== undefined) throw new errors.InvalidArgument(problem)
  return options
}
