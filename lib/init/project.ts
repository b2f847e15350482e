import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A mistake on the command line or in the folder; the process ends with 2. */
export class InitError extends Error {
  override readonly name = 'InitError'
}

/** The folder that is written into. */
export interface Project {
  folder: string
  /** Its package.json, where there is one. */
  manifest: Manifest | undefined
  /** Extension of the sources, without the dot: `mts` where package.json does not say that `.ts` is ESM. */
  ts: 'ts' | 'mts'
  /** The same as imports name it. */
  js: 'js' | 'mjs'
}

/** The parts of a package.json that matter here. */
export interface Manifest {
  type?: string
  packageManager?: string
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

/**
 * Reads a folder before anything is written.
 * @throws InitError when its package.json is none
 */
export function readProject (folder: string): Project {
  const manifest = readManifest(join(folder, 'package.json'))
  // Drizzle's types for CommonJS are not those that an ES module meets, so the sources are ES modules everywhere.
  const isModule = manifest === undefined || manifest.type === 'module'
  return { folder, manifest, ts: isModule ? 'ts' : 'mts', js: isModule ? 'js' : 'mjs' }
}

function readManifest (path: string): Manifest | undefined {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new InitError(`package.json could not be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  }
  const manifest = parse(text)
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) {
    throw new InitError('package.json holds no JSON object: mend it, or move it away')
  }
  return manifest
}

function parse (text: string): unknown {
  try {
    // Some editors on Windows begin a file with a byte order mark; npm takes it.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new InitError('package.json holds no JSON object: mend it, or move it away', { cause: error })
  }
}

/** The name of a new package: the folder's, in what npm allows. */
export function packageName (folder: string): string {
  const name = basename(folder).toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '')
  return name || 'server'
}
