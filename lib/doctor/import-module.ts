import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
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
  const unregister = isTypeScript(path) ? await registerTsx(folder) : undefined
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    throw new UsageError(whyNot(error, path, option, unregister !== undefined), { cause: error })
  } finally {
    await unregister?.()
  }
}

function isTypeScript (path: string): boolean {
  return /\.[cm]?tsx?$/.test(path)
}

/** Lets the app's tsx read TypeScript, where it is installed: Node.js takes types away and does nothing else. */
async function registerTsx (folder: string): Promise<(() => Promise<void>) | undefined> {
  let manifest: string
  try {
    manifest = createRequire(join(folder, 'package.json')).resolve('tsx/package.json')
  } catch {
    return undefined
  }
  // require.resolve() would find its CommonJS form.
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8'))
  const api: unknown = exports?.['./esm/api']?.import?.default
  if (typeof api !== 'string') return undefined
  const { register } = (await import(pathToFileURL(join(dirname(manifest), api)).href)) as {
    register: () => () => Promise<void>
  }
  return register()
}

function whyNot (error: unknown, path: string, option: string, withTsx: boolean): string {
  const { code, message } = error as NodeJS.ErrnoException
  const says = `${code === undefined ? '' : `${code}: `}${message ?? String(error)}`
  if (withTsx || !isTypeScript(path)) return `${option} ${path} could not be imported. ${says}`
  const why = code === 'ERR_UNKNOWN_FILE_EXTENSION'
    ? `this Node.js (${process.version}) does not import TypeScript`
    // Node.js takes types away and does nothing else: './tables.js' is not looked for in tables.ts.
    : `this Node.js (${process.version}) could not import it as it is (${says})`
  return `${option} ${path} is TypeScript, and ${why}. Name the compiled file, or install tsx, ` +
    'which the doctor uses: npm install --save-dev tsx'
}
