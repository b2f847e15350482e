import { readdirSync } from 'node:fs'

import neostandard from 'neostandard'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import { importCycles } from './scripts/lint/import-cycles.js'

const modules = readdirSync(new URL('lib', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

const entries = ['./lib/index.ts', './lib/cli.ts', './lib/cli-doctor.ts', './lib/testing.ts']

// Which modules a module may import beside itself, `internal/` and the shared files.
const uses = {
  doctor: ['drizzle'],
  drivers: ['drizzle'],
  schema: ['drizzle'],
  scope: ['drizzle', 'drivers'],
  repository: ['scope', 'schema', 'drizzle', 'drivers']
}

// The two seams: what is private of Drizzle is known in drizzle/, what is particular to a driver in drivers/.
const ofDrizzle = 'What is private of Drizzle stands in lib/drizzle/: use a function of it, or add one.'
const ofDrivers = 'What is particular to a driver stands in lib/drivers/: use the Driver interface, or add to it.'
const privatePaths = [
  'drizzle-orm/casing', 'drizzle-orm/entity', 'drizzle-orm/selection-proxy', 'drizzle-orm/table',
  'drizzle-orm/view-common', 'drizzle-orm/utils', 'drizzle-orm/pg-core/*', 'drizzle-orm/*/session',
  'drizzle-orm/*/driver'
]
const privateNames = [
  'entityKind', 'StringChunk', 'WithSubquery', 'FakePrimitiveParam', 'fillPlaceholders', 'getTableUniqueName',
  'ViewBaseConfig'
]
const privateClasses = '/^Pg(Database|Transaction|Dialect|Session|PreparedQuery|Array|\\w*(Base|Builder))$/'
const privateMembers = [
  '_', 'casing', 'fullSchema', 'tableNamesMap', 'shouldInlineParams', 'isSelectionField', 'decoder', 'baseColumn',
  'queryMetadata', 'joinsNotNullableMap', 'setToken', '$primary', '$replicas', '$client'
]
const drizzleClasses =
  '/^(Pg[A-Z]\\w*|SQL|Table|View|Column|Param|Placeholder|Subquery|WithSubquery|StringChunk|Name)$/'
const driverPackages = [
  'postgres', 'pg', '@neondatabase/serverless', '@electric-sql/pglite', 'drizzle-orm/postgres-js',
  'drizzle-orm/node-postgres'
]
const driverMembers = ['unsafe', 'savepoint', 'totalCount', 'reserve']

const oneOf = (names) => `/^(${names.map((name) => name.replace('$', '\\$')).join('|')})$/`
const member = (names) => `MemberExpression[computed=false][property.name=${oneOf(names)}]`
const property = (names) => `ObjectPattern > Property[key.name=${oneOf(names)}]`

const noInstanceOf = {
  selector: `BinaryExpression[operator='instanceof'][right.name=${drizzleClasses}]`,
  message: 'Ask with is() of drizzle-orm: an object may come from another copy or version of Drizzle.'
}
const noClasses = {
  selector: "ImportDeclaration[source.value=/^drizzle-orm/][importKind!='type'] > " +
    `ImportSpecifier[importKind!='type'][imported.name=${privateClasses}]`,
  message: ofDrizzle
}
const noDrizzle = [
  { selector: member(privateMembers), message: ofDrizzle },
  { selector: property(privateMembers), message: ofDrizzle },
  noClasses,
  {
    selector: "CallExpression[callee.object.name='Symbol'][callee.property.name='for'][arguments.0.value=/^drizzle:/]",
    message: ofDrizzle
  }
]
const noDrivers = [{ selector: member(driverMembers), message: ofDrivers }]

export default [
  ...neostandard({
    ts: true,
    ignores: ['dist', 'node_modules', '.tap', 'coverage', 'examples/*/drizzle', '.data']
  }),
  {
    files: ['lib/**/*.ts'],
    plugins: { local: { rules: { 'import-cycles': importCycles } } },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'lib/tsconfig.json' })],
      // Without these the plugin does not read TypeScript files.
      'import-x/extensions': ['.ts', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] }
    },
    rules: {
      'local/import-cycles': 'error',
      'import-x/no-restricted-paths': ['error', {
        zones: modules.map((module) => ({
          target: `./lib/${module}`,
          from: [...entries, ...modules
            .filter((other) => ![module, 'internal', ...uses[module] ?? []].includes(other))
            .map((other) => `./lib/${other}`)],
          message: 'A module imports neither its sibling nor an entry: modules meet in index.ts and cli.ts.'
        }))
      }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': ['error', noInstanceOf]
    }
  },
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/drizzle/**'],
    rules: {
      'no-restricted-imports': ['error', {
        paths: [
          { name: 'drizzle-orm', importNames: privateNames, message: ofDrizzle },
          ...driverPackages.map((name) => ({ name, message: ofDrivers }))
        ],
        patterns: [{ group: privatePaths, message: ofDrizzle }]
      }],
      'no-restricted-syntax': ['error', noInstanceOf, ...noDrizzle, ...noDrivers]
    }
  },
  {
    // `casing` is an option of its own, and it reads the database through whichever driver is installed.
    files: ['lib/doctor/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noInstanceOf, noClasses] }
  },
  {
    files: ['lib/drivers/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noInstanceOf, ...noDrizzle] }
  },
  {
    files: ['lib/drizzle/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noInstanceOf, ...noDrivers] }
  },
  {
    // What a shim exports itself stands before what it hands on (ECMAScript, section 16.2.1.7).
    files: ['test/drizzle-1/shims/**'],
    rules: { 'import-x/export': 'off' }
  },
  {
    // The declaration that an ignored error stands above cannot be broken.
    files: ['{lib,examples,bench,scripts,types}/**/*.{ts,js}', 'eslint.config.js'],
    ignores: ['lib/drizzle/version-types.ts'],
    rules: {
      '@stylistic/max-len': ['error', {
        code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true
      }]
    }
  }
]
