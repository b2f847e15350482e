import { inspect } from 'node:util'

/** The setting in which policies find the user where none is named. */
export const defaultSetting = 'app.user_id'

/** @throws {TypeError} for what is no custom setting of PostgreSQL, with a dot in it */
export function checkSetting (setting: unknown): asserts setting is string {
  if (typeof setting !== 'string' || !/^[a-z_]\w*(?:\.[a-z_]\w*)+$/i.test(setting)) {
    throw new TypeError(
      `A setting for the user id is a custom one with a dot in it, such as "${defaultSetting}", got ` +
      `${inspect(setting)}`
    )
  }
}
