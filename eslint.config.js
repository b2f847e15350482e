import neostandard from 'neostandard'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import importX from 'eslint-plugin-import-x'

// A folder of lib/ never imports its sibling: rooms meet in index.ts.
const rooms = ['token', 'access', 'repository', 'cors', 'logging', 'better-auth', 'answers', 'doctor', 'testing']

export default [
  ...neostandard({
    ts: true,
    ignores: ['dist', 'node_modules', '.tap', 'coverage', 'examples/*/drizzle', '.data']
  }),
  {
    files: ['lib/**/*.ts'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'lib/tsconfig.json' })] },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', {
        zones: rooms.map((room) => ({
          target: `./lib/${room}`,
          from: rooms.filter((other) => other !== room).map((other) => `./lib/${other}`),
          message: 'A room never imports its sibling: they meet in index.ts.'
        }))
      }],
      '@typescript-eslint/consistent-type-imports': 'error'
    }
  }
]
