import { readFileSync } from 'node:fs'
import { packageName, type Project } from './project.js'

const runtime = ['fastify', 'drizzle-orm', 'postgres', 'better-auth']
const development = ['drizzle-kit', 'tsx', 'typescript', '@types/node']

/** The packages that the written files need and package.json does not name yet. */
export function missingPackages ({ manifest }: Project): { runtime: string[], development: string[] } {
  const named = { ...manifest?.dependencies, ...manifest?.devDependencies }
  const isMissing = (name: string): boolean => !Object.hasOwn(named, name)
  return {
    runtime: ['fastify-auth-integration', ...runtime].filter(isMissing),
    development: development.filter(isMissing)
  }
}

/** The commands of the new server. */
export function scripts ({ ts }: Project): Record<string, string> {
  return {
    dev: `node --env-file=.env --import tsx --watch src/server.${ts}`,
    start: `node --env-file=.env --import tsx src/server.${ts}`,
    test: `node --env-file=.env --import tsx --test test/app.test.${ts}`,
    check: 'tsc',
    'db:push': 'drizzle-kit push',
    // Not through npx: on Node.js 20 the schema is TypeScript only to tsx, and NODE_OPTIONS is set differently in each shell.
    doctor: 'node --import tsx node_modules/fastify-auth-integration/dist/cli.js doctor --env-file .env --schema ' +
      `src/schema.${ts}`
  }
}

/** A package.json for a folder that has none, with the versions this package is tested with. */
export function newManifest (project: Project): string {
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const tested = (names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, own.peerDependencies[name] ?? own.devDependencies[name]]))
  return `${JSON.stringify(
    {
      name: packageName(project.folder),
      private: true,
      type: 'module',
      engines: own.engines,
      scripts: scripts(project),
      dependencies: { 'fastify-auth-integration': `^${own.version}`, ...tested(runtime) },
      devDependencies: tested(development)
    },
    null,
    2
  )}\n`
}
