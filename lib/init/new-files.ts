import { randomBytes } from 'node:crypto'
import { newManifest } from './packages.js'
import type { Project } from './project.js'
import { schema } from './templates/schema.js'
import { app, auth, database, server } from './templates/server.js'
import { drizzleConfig, environment, gitignore, tsconfig } from './templates/settings.js'
import { test } from './templates/test.js'

/** A file to write, its path relative to the folder. */
export interface NewFile {
  path: string
  text: string
  /** Permissions where the system knows them. Default 0o666, less the umask. */
  mode?: number
}

/** Everything that `init` writes, in the order it is told. */
export function newFiles (project: Project): NewFile[] {
  const { ts, js } = project
  return [
    { path: 'package.json', text: newManifest(project) },
    { path: 'tsconfig.json', text: tsconfig },
    { path: 'drizzle.config.ts', text: drizzleConfig(ts) },
    { path: '.gitignore', text: gitignore },
    // It holds a secret.
    { path: '.env', text: environment(randomBytes(32).toString('base64url')), mode: 0o600 },
    { path: `src/schema.${ts}`, text: schema },
    { path: `src/database.${ts}`, text: database(js) },
    { path: `src/auth.${ts}`, text: auth(js) },
    { path: `src/app.${ts}`, text: app(js) },
    { path: `src/server.${ts}`, text: server(js) },
    { path: `test/app.test.${ts}`, text: test(js) }
  ]
}
