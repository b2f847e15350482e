import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from './command-line.js'

/**
 * Imports a module of the app's.
 * @param option which named it, for the sentence
 * @throws UsageError saying what to do when it cannot be imported
 */
export async function importModule (path: string, folder: string, option: '--schema' | '--config'): Promise<unknown> {
  const file = resolve(folder, path)
  if (!existsSync(file)) throw new UsageError(`${option} ${path}: there is no such file in ${folder}`)
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    throw new UsageError(whyNot(error, path, option), { cause: error })
  }
}

function whyNot (error: unknown, path: string, option: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  const says = `${code === undefined ? '' : `${code}: `}${message ?? String(error)}`
  if (!/\.[cm]?tsx?$/.test(path)) return `${option} ${path} could not be imported. ${says}`
  const why = code === 'ERR_UNKNOWN_FILE_EXTENSION'
    ? `this Node.js (${process.version}) does not import TypeScript`
    // Node.js takes types away and does nothing else: './tables.js' is not looked for in tables.ts.
    : `this Node.js (${process.version}) could not import it as it is (${says})`
  return `${option} ${path} is TypeScript, and ${why}. Name the compiled file, or let tsx read it: ` +
    `NODE_OPTIONS="--import tsx" npx fastify-auth-integration doctor ${option} ${path}`
}
