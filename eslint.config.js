import { readdirSync } from 'node:fs'

import neostandard from 'neostandard'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'

const modules = readdirSync(new URL('lib', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

const entries = ['./lib/index.ts', './lib/cli.ts', './lib/testing.ts']

// Which modules a module may import beside itself, `internal/` and the shared files.
const uses = {
  drivers: ['drizzle'],
  schema: ['drizzle'],
  doctor: ['drizzle'],
  scope: ['drizzle', 'drivers'],
  repository: ['scope', 'schema', 'drizzle', 'drivers']
}

export default [
  ...neostandard({
    ts: true,
    ignores: ['dist', 'node_modules', '.tap', 'coverage', 'examples/*/drizzle', '.data']
  }),
  {
    files: ['lib/**/*.ts'],
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'lib/tsconfig.json' })],
      // Without these the plugin does not read TypeScript files, and no-cycle sees no cycle.
      'import-x/extensions': ['.ts', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] }
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', {
        zones: modules.map((module) => ({
          target: `./lib/${module}`,
          from: [...entries, ...modules
            .filter((other) => ![module, 'internal', ...uses[module] ?? []].includes(other))
            .map((other) => `./lib/${other}`)],
          message: 'A module imports neither its sibling nor an entry: modules meet in index.ts and cli.ts.'
        }))
      }],
      '@typescript-eslint/consistent-type-imports': 'error'
    }
  }
]
