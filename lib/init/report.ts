import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Commands } from './package-manager.js'
import { neededPackages, ownScripts, scripts } from './packages.js'
import type { Project } from './project.js'
import type { Written } from './write-files.js'

/** What was done and what comes next, for a person to read. */
export function report (project: Project, commands: Commands, { written, left }: Written): string {
  const sections = [
    list('Written:', written),
    list('Not overwritten, because they exist:', left),
    list('Please check:', remarks(project, left)),
    list('Next:', nextSteps(project, commands, left).map((step, index) => `${index + 1}. ${step}`))
  ]
  return sections.filter((section) => section !== '').join('\n')
}

function list (title: string, lines: string[]): string {
  return lines.length === 0 ? '' : `${[title, ...lines.map((line) => `  ${line}`)].join('\n')}\n`
}

/** What a file that was not overwritten may lack. */
function remarks (project: Project, left: string[]): string[] {
  const { folder, ts, manifest } = project
  const found: string[] = left.includes('package.json') ? neededPackages(project).unfit : []
  if (left.includes('.env')) {
    const known = parseEnv(textOf(join(folder, '.env')))
    const absent = ['BETTER_AUTH_SECRET', 'BETTER_AUTH_URL', 'DATABASE_URL', 'FRONTEND_URL'].filter(
      (name) => !known[name]
    )
    if (absent.length > 0) found.push(`.env has no ${absent.join(', ')}`)
    if (absent.includes('BETTER_AUTH_SECRET')) {
      found.push('a secret for it: node -p "crypto.randomBytes(32).toString(\'base64url\')"')
    }
  }
  if (left.includes('.gitignore') && !ignoresEnvironment(join(folder, '.gitignore'))) {
    found.push('.gitignore does not name .env, which holds the secret')
  }
  if (left.some((path) => path.startsWith('src/') || path.startsWith('test/'))) {
    found.push('the new files in src and test import each other: see that those that were there fit them')
  }
  if (manifest !== undefined && ts === 'mts') {
    found.push('package.json says CommonJS, so the sources are .mts: ES modules in any package')
  }
  return found
}

/** The text of a file; empty where it is a folder, or a link that leads nowhere. */
function textOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function ignoresEnvironment (path: string): boolean {
  return textOf(path).split(/\r?\n/).some((line) => /^\/?(?:\*\*\/)?\.env(?:\*|\.\*)?$/.test(line.trim()))
}

function nextSteps (project: Project, commands: Commands, left: string[]): string[] {
  const own = scripts(project)
  const isNew = !left.includes('package.json')
  const taken = ownScripts(project)
  // A script of the same name is the app's: ours is then run by its text.
  const command = (name: string): string =>
    taken[name] === undefined || taken[name] === own[name] ? commands.run(name) : direct(own[name]!, commands)
  return [
    ...isNew ? [commands.install] : installs(project, commands),
    ...isNew ? [] : addScripts(Object.entries(own).filter(([name]) => taken[name] === undefined)),
    `Start PostgreSQL, and set DATABASE_URL in .env to its address. With Docker:
     docker run --rm -d -p 5432:5432 -e POSTGRES_PASSWORD=postgres postgres`,
    `${command('db:generate')}    writes a migration for the tables, now and after each change of the schema`,
    `${command('db:migrate')}    applies it`,
    `${command('test')}    two users, neither of whom reads the other's rows; in a database of the tests' own`,
    `${command('dev')}    the server, on http://localhost:3000`,
    `${command('doctor')}    checks environment, schema and database
     To deploy it: the Dockerfile, or ${command('build')} and ${command('start')}.`
  ]
}

function addScripts (scripts: Array<[name: string, text: string]>): string[] {
  if (scripts.length === 0) return []
  return [`npm pkg set ${scripts.map(([name, text]) => `"scripts.${name}=${text}"`).join(' ')}`]
}

/** A command of node_modules/.bin as it is called outside of a script. */
function direct (text: string, { exec }: Commands): string {
  return text.startsWith('node ') ? text : exec(text)
}

function installs (project: Project, { install, add, addDevelopment }: Commands): string[] {
  const { runtime, development } = neededPackages(project)
  return [
    ...runtime.length === 0 ? [] : [add(runtime)],
    ...development.length === 0 ? [] : [addDevelopment(development)],
    ...runtime.length + development.length === 0 && !existsSync(join(project.folder, 'node_modules')) ? [install] : []
  ]
}
