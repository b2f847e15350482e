import { inspect } from 'node:util'

/** The setting in which policies find the user where none is named. */
export const defaultSetting = 'app.user_id'

/**
 * @param option the option that names it. Default: the one for the user id
 * @throws {TypeError} for what is no custom setting of PostgreSQL, with a dot in it
 */
export function checkSetting (
  setting: unknown, option?: string, example = defaultSetting
): asserts setting is string {
  if (typeof setting !== 'string' || !/^[a-z_]\w*(?:\.[a-z_]\w*)+$/i.test(setting)) {
    throw new TypeError(
      `${option === undefined ? 'A setting for the user id' : `"${option}"`} is a custom one with a dot in it, such as ` +
      `"${example}", got ${inspect(setting)}`
    )
  }
}
