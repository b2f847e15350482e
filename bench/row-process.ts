/**
 * One contender in a process of its own, as in an app that uses it: what V8 has learned of a driver from one would make
 * another faster or slower. Answers each message, a length of turn, with a run. `BENCH_CONTENDER` is its group and its
 * name, `BENCH_PLACE` where the rows are.
 */
import { repeat, takeTurn, type Rounds, type Turn } from './measure.js'
import { loadPeers } from './peers.js'
import { rowContenders, type RowPlace } from './row-contenders.js'

const [groupName, name] = JSON.parse(process.env['BENCH_CONTENDER']!) as [string, string]
const place = JSON.parse(process.env['BENCH_PLACE']!) as RowPlace
const { length, contenders } = rowContenders(place, await loadPeers({ install: false }))[groupName]!
let open = contenders[name]!

// A contender that answers something else is not faster, it is wrong.
const { call, end } = open()
const answer = [await call(12)].flat() as Array<{ id: number } | undefined>
await end()
if (answer.length !== length || answer[0]?.id === undefined) {
  throw new Error(`${name} answered ${JSON.stringify(answer)}`)
}

// The driver alone is slower on connections that have worked under steady load for a while: after sixteen turns they
// are kept.
async function wear (rounds: Rounds): Promise<void> {
  const kept: Turn = open()
  await repeat(kept.call, 16 * rounds.milliseconds, rounds.inFlight)
  open = () => ({ call: kept.call, end: async () => {} })
}

let isWorn = groupName !== 'worn'
process.on('message', async (rounds: Rounds) => {
  if (!isWorn) await wear(rounds)
  isWorn = true
  process.send!(await takeTurn(open, rounds))
})
process.on('disconnect', () => { process.exit() })
process.send!('ready')
