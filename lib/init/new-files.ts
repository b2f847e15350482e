import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Commands } from './package-manager.js'
import { newManifest } from './packages.js'
import type { Project } from './project.js'

/** A file to write, its path relative to the folder. */
export interface NewFile {
  path: string
  text: string
  /** Permissions where the system knows them. Default 0o666, less the umask. */
  mode?: number
}

const templates = fileURLToPath(new URL('../../templates/server/', import.meta.url))

/** npm leaves such files out of a package, or reads them: they are packed without their dot. */
const withDot = ['gitignore', 'dockerignore', 'env']

/** Everything that `init` writes, in the order in which it is listed. */
export function newFiles (project: Project, commands: Commands): NewFile[] {
  const paths = readdirSync(templates, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(templates, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
  return [
    { path: 'package.json', text: newManifest(project) },
    ...paths.sort().map((path) => newFile(path, project, commands))
  ]
}

function newFile (path: string, project: Project, commands: Commands): NewFile {
  const text = readFileSync(join(templates, path), 'utf8').replaceAll('\r\n', '\n')
  if (path === 'env') {
    const secret = randomBytes(32).toString('base64url')
    // It holds a secret.
    return { path: '.env', text: text.replace('BETTER_AUTH_SECRET=', `$&${secret}`), mode: 0o600 }
  }
  if (withDot.includes(path)) return { path: `.${path}`, text }
  if (path === 'Dockerfile') return { path, text: asImage(text, project, commands) }
  return { path: inPackage(path, project), text: asModule(text, project) }
}

/** A `.ts` file is an ES module where package.json says so; elsewhere its extension has to. */
function inPackage (path: string, { ts }: Project): string {
  return /^(?:src|test)\//.test(path) ? path.replace(/\.ts$/, `.${ts}`) : path
}

function asModule (text: string, { ts }: Project): string {
  return text.replaceAll(/'(\.\.?\/[^']*)\.ts'/g, `'$1.${ts}'`)
}

function asImage (text: string, { js }: Project, { ci, prune, run }: Commands): string {
  return text
    .replace('RUN npm ci', `RUN ${ci}`)
    .replace('RUN npm run build', `RUN ${run('build')}`)
    .replace('RUN npm prune --omit=dev', `RUN ${prune}`)
    .replaceAll(/dist\/(migrate|server)\.js/g, `dist/$1.${js}`)
}
