import { readFileSync } from 'node:fs'
import { packageName, type Manifest, type Project } from './project.js'

const runtime = ['fastify', 'drizzle-orm', 'postgres', 'better-auth']
const development = ['drizzle-kit', 'tsx', 'typescript', '@types/node']

interface OwnManifest extends Manifest {
  version: string
  engines: Record<string, string>
  peerDependencies: Record<string, string>
}

const own: OwnManifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** Packages to install: those that package.json does not name, and those that it names in a version too old to work. */
export interface Needed {
  runtime: string[]
  development: string[]
  /** As a sentence each: what is there, and what is needed. */
  unfit: string[]
}

/** The packages that the written files need and package.json does not have. */
export function neededPackages ({ manifest }: Project): Needed {
  const named = { ...manifest?.dependencies, ...manifest?.devDependencies }
  const isMissing = (name: string): boolean => !Object.hasOwn(named, name)
  // Left as they are, npm ends the install of this package with ERESOLVE.
  const unfit = [...Object.keys(own.peerDependencies), 'drizzle-kit']
    .filter((name) => !isMissing(name) && !fits(named[name]!, testedRange(name)))
  const wanted = (name: string): string[] => isMissing(name) ? [name] : unfit.includes(name) ? [versioned(name)] : []
  return {
    runtime: ['fastify-auth-integration', ...runtime].flatMap(wanted),
    development: development.flatMap(wanted),
    unfit: unfit.map(
      (name) => `package.json asks for ${name} ${named[name]}, and fastify-auth-integration for ${testedRange(name)}`
    )
  }
}

function versioned (name: string): string {
  return `${name}@${firstRange(name)}`
}

// drizzle-kit, which the new server uses too, is of the first.
function firstRange (name: string): string {
  return testedRange(name).split('||')[0]!.trim()
}

function testedRange (name: string): string {
  return own.peerDependencies[name] ?? own.devDependencies![name]!
}

/** Whether a range of package.json begins within a range of ours, `^` and `~` alone; what has no number fits. */
function fits (asked: string, tested: string): boolean {
  const [major, minor = 0, patch = 0] = numbers(asked)
  if (major === undefined) return true
  return tested.split('||').some((range) => {
    const [testedMajor, testedMinor = 0, testedPatch = 0] = numbers(range)
    if (major !== testedMajor) return false
    const isFixed = range.trim().startsWith('~') || major === 0
    if (isFixed) return minor === testedMinor && (patch >= testedPatch || /^[~^]/.test(asked))
    return minor > testedMinor || (minor === testedMinor && patch >= testedPatch) || /^\^|^\d+$|x/.test(asked)
  })
}

function numbers (range: string): number[] {
  return /\d+(?:\.\d+){0,2}/.exec(range)?.[0].split('.').map(Number) ?? []
}

/** The commands of the new server. */
export function scripts ({ ts, js }: Project): Record<string, string> {
  return {
    dev: `node --import tsx --watch src/server.${ts}`,
    build: 'tsc -p tsconfig.build.json',
    start: `node dist/server.${js}`,
    test: `node --import tsx --test test/app.test.${ts}`,
    check: 'tsc',
    'db:generate': 'drizzle-kit generate',
    'db:migrate': `node --import tsx src/migrate.${ts}`,
    doctor: `fastify-auth-integration doctor --env-file-if-exists .env --schema src/schema.${ts}`
  }
}

/** A package.json for a folder that has none, with the versions this package is tested with. */
export function newManifest (project: Project): string {
  return text({
    name: packageName(project.folder),
    private: true,
    type: 'module',
    engines: own.engines,
    scripts: scripts(project),
    dependencies: versions(['fastify-auth-integration', ...runtime]),
    devDependencies: versions(development)
  })
}

/** The package.json that is there, with the scripts and packages that it lacks (`--yes`). */
export function completedManifest (project: Project): string {
  const { manifest = {} } = project
  const needed = neededPackages(project)
  const names = (packages: string[]): string[] => packages.map((name) => name.replace(/(?<=.)@.*$/, ''))
  return text({
    ...manifest,
    scripts: { ...scripts(project), ...ownScripts(project) },
    dependencies: { ...manifest.dependencies, ...versions(names(needed.runtime)) },
    devDependencies: { ...manifest.devDependencies, ...versions(names(needed.development)) }
  })
}

/** The scripts that are the app's own; the one that `npm init` writes says only that there are no tests. */
export function ownScripts ({ manifest }: Project): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...manifest?.scripts })
    .filter(([name, text]) => name !== 'test' || !String(text).includes('no test specified')))
}

function versions (names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) =>
    [name, name === 'fastify-auth-integration' ? `^${own.version}` : firstRange(name)]))
}

function text (manifest: object): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}
