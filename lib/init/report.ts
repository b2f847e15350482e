import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { missingPackages, scripts } from './packages.js'
import type { Project } from './project.js'
import type { Written } from './write-files.js'

/** What was done and what comes next, for a person to read. */
export function report (project: Project, { written, left }: Written): string {
  const sections = [
    list('Written:', written),
    list('Left as it was, because it is there already:', left),
    list('To be looked at:', remarks(project, left)),
    list(
      'Next:',
      nextSteps(project, left).map((step, index) => `${index + 1}. ${step}`)
    )
  ]
  return `${sections.filter((section) => section !== '').join('\n')}`
}

function list (title: string, lines: string[]): string {
  return lines.length === 0 ? '' : `${[title, ...lines.map((line) => `  ${line}`)].join('\n')}\n`
}

/** What a file that was left may lack. */
function remarks ({ folder, ts, manifest }: Project, left: string[]): string[] {
  const found: string[] = []
  if (left.includes('.env')) {
    const known = parseEnv(textOf(join(folder, '.env')))
    const absent = ['BETTER_AUTH_SECRET', 'BETTER_AUTH_URL', 'DATABASE_URL', 'FRONTEND_URL'].filter(
      (name) => !known[name]
    )
    if (absent.length > 0) found.push(`.env has no ${absent.join(', ')}`)
    if (absent.includes('BETTER_AUTH_SECRET')) {
      found.push('a secret to put there: node -p ' +
      '"crypto.randomBytes(32).toString(\'base64url\')"')
    }
  }
  if (left.includes('.gitignore') && !ignoresEnvironment(join(folder, '.gitignore'))) {
    found.push('.gitignore does ' +
    'not name .env, which holds the secret')
  }
  if (left.some((path) => path.startsWith('src/') || path.startsWith('test/'))) {
    found.push('the new files in src and test import each other: see that what was left fits them')
  }
  if (manifest !== undefined && ts === 'mts') {
    found.push('package.json says CommonJS, so the sources are .mts: ES ' +
    'modules in any package')
  }
  return found
}

/** What a file says; nothing where it is a folder, or a link that leads nowhere. */
function textOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function ignoresEnvironment (path: string): boolean {
  return textOf(path)
    .split(/\r?\n/)
    .some((line) => /^\/?(?:\*\*\/)?\.env(?:\*|\.\*)?$/.test(line.trim()))
}

function nextSteps (project: Project, left: string[]): string[] {
  const own = scripts(project)
  const isNew = !left.includes('package.json')
  const taken = takenScripts(project)
  // A script of the same name is the app's: what is ours is then called by what it does.
  const command = (name: string, short = `npm run ${name}`): string =>
    taken[name] === undefined || taken[name] === own[name] ? short : direct(own[name] as string)
  return [
    ...(isNew ? ['npm install'] : installs(project)),
    ...(isNew ? [] : addScripts(Object.entries(own).filter(([name]) => taken[name] === undefined))),
    `Start PostgreSQL and see that DATABASE_URL in .env names it. With Docker:
     docker run --rm -d -p 5432:5432 -e POSTGRES_PASSWORD=postgres postgres`,
    `${command('db:push')}    makes the tables`,
    `${command('test', 'npm test')}    two users, and neither reads the other`,
    `${command('dev')}    the server, on http://localhost:3000`,
    `${command('doctor')}    looks for mistakes, now and after each change of the schema`
  ]
}

/** The scripts that are the app's own; the one that `npm init` writes says only that there are no tests. */
function takenScripts ({ manifest }: Project): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...manifest?.scripts }).filter(
      ([name, text]) => name !== 'test' || !String(text).includes('no test specified')
    )
  )
}

function addScripts (scripts: Array<[name: string, text: string]>): string[] {
  if (scripts.length === 0) return []
  return [`npm pkg set ${scripts.map(([name, text]) => `"scripts.${name}=${text}"`).join(' ')}`]
}

/** A command of node_modules/.bin as it is called outside of a script. */
function direct (text: string): string {
  return text.startsWith('node ') ? text : `npx ${text}`
}

function installs (project: Project): string[] {
  const { runtime, development } = missingPackages(project)
  return [
    ...(runtime.length === 0 ? [] : [`npm install ${runtime.join(' ')}`]),
    ...(development.length === 0 ? [] : [`npm install --save-dev ${development.join(' ')}`]),
    ...(runtime.length + development.length === 0 && !existsSync(join(project.folder, 'node_modules'))
      ? ['npm install']
      : [])
  ]
}
