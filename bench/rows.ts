import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { fillTable, type BenchDatabase } from './database.js'
import { alternate, ratio, spread, type Contenders, type Rounds, type Run } from './measure.js'
import type { Peers } from './peers.js'
import type { Line } from './report.js'
import {
  handWritten, ofUserAlone, rowContenders, rows, template, users, withOrganization, type RowPlace
} from './row-contenders.js'

/** Rows: calls a second with twenty in flight on ten connections. */
export async function measureRows (
  { url, boundUrl }: BenchDatabase,
  peers: Peers | undefined,
  rounds: Rounds,
  tick: () => void
): Promise<Line[]> {
  const setup = postgres(url, { max: 1, onnotice: () => {} })
  await fillTable(setup, 'tasks', rows, users)
  await fillTable(setup, 'policed_tasks', rows, users)
  await setup.unsafe(`create table team_tasks as select id, user_id, 'acme'::text org_id, title from tasks;
    alter table team_tasks add primary key (id); create index on team_tasks (user_id, org_id, id); analyze team_tasks`)
  await setup.unsafe(`alter table policed_tasks enable row level security; alter table policed_tasks force row level security;
    create policy user_isolation on policed_tasks using (user_id = nullif(current_setting('app.user_id', true), ''));
    grant all on all tables in schema public to public`)
  await setup.end()

  const place: RowPlace = { url, boundUrl: boundUrl! }
  const runs: Record<string, Record<string, Run[]>> = {}
  for (const [group, { contenders }] of Object.entries(rowContenders(place, peers))) {
    const { turns, end } = await startContenders(group, Object.keys(contenders), place)
    runs[group] = await alternate(turns, rounds, tick)
    end()
  }
  const {
    'by id': one,
    list: many,
    worn,
    'of an organization, by id': byId,
    'of an organization, select': select,
    ...policed
  } = runs as Record<string, Record<string, Run[]>> & Record<
    'by id' | 'list' | 'worn' | `of an organization, ${'by id' | 'select'}`, Record<string, Run[]>
  >
  return [
    ...lines(worn, 'repository.findById', {}).map((line) => ({
      ...line,
      against: `${line.against}, on connections that have worked for a while`
    })),
    ...lines(one, 'repository.findById', { [handWritten]: 5, [template]: 0.95 }),
    ...lines(many, 'repository.findMany({ limit: 20 })', { [handWritten]: 3, [template]: 0.95 }),
    line(one, 'request.db select by id', handWritten, 1.9),
    line(many, 'request.db select of 20', handWritten, 1.9),
    { ...line(byId, withOrganization, ofUserAlone, 0.9), what: 'repository.findById, `organization` on' },
    { ...line(select, withOrganization, ofUserAlone, 0.9), what: 'request.db select by id, `organization` on' },
    ...Object.entries(policed).map(([driver, runs]) => ({
      ...line(runs, 'on', 'off', driver === 'postgres' ? 0.55 : 0.4),
      what: `row-level security on, \`${driver}\` driver (findById)`,
      against: 'off'
    }))
  ]
}

/** Starts one process for each contender, which sleeps while it is not its turn. */
async function startContenders (
  group: string,
  names: string[],
  place: RowPlace
): Promise<{ turns: Contenders; end(): void }> {
  const processes = await Promise.all(
    names.map(async (name) => {
      const child = fork(fileURLToPath(new URL('row-process.ts', import.meta.url)), [], {
        env: { ...process.env, BENCH_CONTENDER: JSON.stringify([group, name]), BENCH_PLACE: JSON.stringify(place) }
      })
      const failed = once(child, 'exit').then(([code]) => {
        throw new Error(`The contender "${name}" ended with ${String(code)}`)
      })
      failed.catch(() => {})
      const answer = async (): Promise<unknown> =>
        ((await Promise.race([once(child, 'message'), failed])) as [unknown])[0]
      await answer()
      const takeTurn = async (rounds: Rounds): Promise<Run> => {
        child.send(rounds)
        return (await answer()) as Run
      }
      return {
        name,
        takeTurn,
        end: () => {
          child.disconnect()
        }
      }
    })
  )
  return {
    turns: Object.fromEntries(processes.map(({ name, takeTurn }) => [name, takeTurn])),
    end: () => {
      for (const { end } of processes) end()
    }
  }
}

function lines (runs: Record<string, Run[]>, ours: string, targets: Record<string, number>): Line[] {
  return Object.keys(runs)
    .filter((name) => name !== ours && !name.startsWith('request.db'))
    .map((theirs) => line(runs, ours, theirs, targets[theirs]))
}

function line (runs: Record<string, Run[]>, ours: string, theirs: string, atLeast: number | undefined): Line {
  const rates = (name: string): number[] => runs[name]!.map(({ rate }) => rate)
  const cpu = (name: string): string => spread(runs[name]!.map((run) => run.cpu)).median.toFixed(0)
  const perSecond = (name: string): string => Math.round(spread(rates(name)).median).toLocaleString('en')
  return {
    what: ours,
    against: theirs,
    ratio: ratio(rates(ours), rates(theirs)),
    ...(atLeast === undefined ? {} : { atLeast }),
    note: `${perSecond(ours)} and ${perSecond(theirs)} a second; ${cpu(ours)} and ${cpu(theirs)} µs of Node's CPU`
  }
}
