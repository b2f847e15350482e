import type { ScopeOptions } from '../options.js'
import { asUsage, UsageError, type CommandLine } from './command-line.js'
import type { Rules } from './check.js'
import { tableKey } from './facts.js'
import { importModule } from './import-module.js'
import { schemaFacts, type Declared } from './schema-facts.js'

/** The app's options for the plugin that are about tables. */
export interface PluginOptions {
  ownerColumn: NonNullable<ScopeOptions['ownerColumn']>
  /** Keys of tables. */
  sharedTables: string[]
  /** Whether the app said that it uses row-level security. */
  rowLevelSecurity: boolean
  /** The custom setting that its policies read. */
  setting: string
  role: string | undefined
}

const names = ['ownerColumn', 'sharedTables', 'rowLevelSecurity'] as const

/**
 * The plugin's options from the module of `--config`, and from the command line, which takes precedence; shared
 * tables of both are shared.
 * @throws UsageError when the module cannot be imported or holds none of them, or when the plugin would refuse one
 */
export async function readPluginOptions (line: CommandLine, rules: Rules, folder: string): Promise<PluginOptions> {
  const config = line.config === undefined ? {} : await loadOptions(line.config, folder)
  const { ownerColumn, sharedTables, rowLevelSecurity } = asUsage(() => rules.readScope(config))
  const policies = { setting: line.setting ?? rowLevelSecurity?.setting, role: line.role ?? rowLevelSecurity?.role }
  const { setting, role } = asUsage(() => rules.readScope({ rowLevelSecurity: policies })).rowLevelSecurity!
  if (typeof ownerColumn === 'function' && line.ownerColumn === undefined && line.schema.length === 0) {
    throw new UsageError(
      '"ownerColumn" is a function, which is called with the tables of a schema: name its module with --schema'
    )
  }
  return {
    ownerColumn: line.ownerColumn ?? ownerColumn,
    sharedTables: [
      ...line.sharedTables.map((name) => (name.includes('.') ? name : tableKey(undefined, name))),
      ...sharedTables.map((table) => schemaFacts(table as Declared, line.casing).key)
    ],
    rowLevelSecurity:
      line.rowLevelSecurity || line.role !== undefined || line.setting !== undefined || rowLevelSecurity !== undefined,
    setting,
    role
  }
}

async function loadOptions (path: string, folder: string): Promise<ScopeOptions> {
  const module = (await importModule(path, folder, '--config')) as Record<string, unknown>
  const found = [module, module.default].find(
    (value): value is ScopeOptions => typeof value === 'object' && value !== null && names.some((name) => name in value)
  )
  if (found === undefined) {
    throw new UsageError(
      `--config ${path} exports none of ${names.join(', ')}, neither by name nor in its default export`
    )
  }
  return found
}
