import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Manifest } from './project.js'

/** Whoever installs the packages of a folder. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

/** What its commands are called. */
export interface Commands {
  install: string
  add: (packages: string[]) => string
  addDevelopment: (packages: string[]) => string
  run: (script: string) => string
  /** Runs a command of node_modules/.bin. */
  exec: (command: string) => string
  /** Installs exactly what the lock file says, in a container. */
  ci: string
  /** Removes what is needed for development only. */
  prune: string
}

const lockFiles: Record<string, PackageManager> = {
  'pnpm-lock.yaml': 'pnpm',
  'pnpm-workspace.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm'
}

/**
 * Finds out by package.json's `packageManager`, by the lock file of the folder or of one above it (a workspace), and
 * by what started this process (`pnpm dlx`).
 * @param userAgent npm_config_user_agent
 */
export function packageManagerOf (
  folder: string, manifest: Manifest | undefined, userAgent: string | undefined
): PackageManager {
  return (
    known(manifest?.packageManager?.split('@')[0]) ?? byLockFile(folder) ?? known(userAgent?.split('/')[0]) ?? 'npm'
  )
}

function known (name: string | undefined): PackageManager | undefined {
  return (['npm', 'pnpm', 'yarn', 'bun'] as const).find((manager) => manager === name)
}

function byLockFile (folder: string): PackageManager | undefined {
  const name = Object.keys(lockFiles).find((name) => existsSync(join(folder, name)))
  if (name !== undefined) return lockFiles[name]
  const parent = dirname(folder)
  // Past the repository that the folder belongs to, a lock file is somebody else's.
  return parent === folder || existsSync(join(folder, '.git')) ? undefined : byLockFile(parent)
}

/** The commands of a package manager. */
export function commandsOf (manager: PackageManager): Commands {
  const list = (packages: string[]): string =>
    packages.map((name) => (/[~^|<> ]/.test(name) ? `"${name}"` : name)).join(' ')
  if (manager === 'npm') {
    return {
      install: 'npm install',
      add: (packages) => `npm install ${list(packages)}`,
      addDevelopment: (packages) => `npm install --save-dev ${list(packages)}`,
      run: (script) => script === 'test' ? 'npm test' : `npm run ${script}`,
      exec: (command) => `npx ${command}`,
      ci: 'npm ci',
      prune: 'npm prune --omit=dev'
    }
  }
  return {
    install: `${manager} install`,
    add: (packages) => `${manager} add ${list(packages)}`,
    addDevelopment: (packages) => `${manager} add ${manager === 'pnpm' ? '--save-dev' : '--dev'} ${list(packages)}`,
    // pnpm has a `doctor` and Yarn a `check` of its own.
    run: (script) => script === 'test' && manager !== 'bun' ? `${manager} test` : `${manager} run ${script}`,
    exec: (command) => `${manager === 'bun' ? 'bunx' : `${manager} exec`} ${command}`,
    ci: `npm install --global ${manager} && ${manager} install --frozen-lockfile`,
    prune: manager === 'pnpm' ? 'pnpm prune --prod' : `${manager} install --production`
  }
}
