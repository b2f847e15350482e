/** One run of one contender. */
export interface Run {
  /** Calls a second. */
  rate: number
  /** Microseconds of this process's CPU a call. */
  cpu: number
}

/** The middle of several figures, with the quartiles around it. */
export interface Spread { median: number, low: number, high: number }

/** A contender's turn, with connections of its own. */
export interface Turn {
  call (turn: number): unknown
  end (): Promise<unknown>
}

/** What takes a contender's turn, by its name. */
export type Contenders = Record<string, (rounds: Rounds) => Promise<Run>>

export interface Rounds {
  /** How often each contender has its turn; one more turn before warms it up. */
  rounds: number
  milliseconds: number
  inFlight: number
}

/**
 * Gives contenders their turns one after the other, in turned order every other round, so that whatever else the
 * machine does falls on all of them.
 */
export async function alternate (
  contenders: Contenders,
  rounds: Rounds,
  tick: () => void
): Promise<Record<string, Run[]>> {
  const runs: Record<string, Run[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = -1; round < rounds.rounds; round++) {
    const order = Object.entries(contenders)
    if (round % 2 !== 0) order.reverse()
    for (const [name, takeTurn] of order) {
      const run = await takeTurn(rounds)
      if (round >= 0) runs[name]!.push(run)
    }
    tick()
  }
  return runs
}

/**
 * One turn, with fresh connections and half a turn before that is not counted: drivers are slower on connections that
 * are new, and some on those that are old.
 */
export async function takeTurn (open: () => Turn, { milliseconds, inFlight }: Rounds): Promise<Run> {
  const { call, end } = open()
  await repeat(call, milliseconds / 2, inFlight)
  const run = await repeat(call, milliseconds, inFlight)
  await end()
  return run
}

/** Runs a call for a while, some in flight at once. */
export async function repeat (call: (turn: number) => unknown, milliseconds: number, inFlight: number): Promise<Run> {
  let calls = 0
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const end = start + milliseconds
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() < end) await call(calls++)
  }))
  const { user, system } = process.cpuUsage(cpuBefore)
  return { rate: calls / ((performance.now() - start) / 1000), cpu: (user + system) / calls }
}

/** Runs a call for a while, some in flight at once, and answers how long each took, in milliseconds. */
export async function latencies (
  call: (turn: number) => unknown,
  { milliseconds, inFlight }: Omit<Rounds, 'rounds'>
): Promise<number[]> {
  const taken: number[] = []
  const end = performance.now() + milliseconds
  let turn = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let start = performance.now(); start < end; start = performance.now()) {
        await call(turn++)
        taken.push(performance.now() - start)
      }
    })
  )
  return taken
}

/** Round by round, how many times the figure of `ours` is that of `theirs`. */
export function ratio (ours: number[], theirs: number[]): Spread {
  return spread(ours.map((figure, round) => figure / theirs[round]!))
}

export function spread (figures: number[]): Spread {
  return { median: quantile(figures, 0.5), low: quantile(figures, 0.25), high: quantile(figures, 0.75) }
}

/** The figure below which this share of all lies. */
export function quantile (figures: number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1)
}
