import type { Unavailable } from '../api/measurement.ts'
import { type Contestant, timingOptions } from './latency.ts'
import type { Bench } from './version.ts'

/** A stretch of runs long enough for counters that move every millisecond. */
const stretchMs = 2000
const [fewest, most] = [5, 5000]
const warmup = 3

/**
 * Joules of one run of each version: alone in a process, twice, the second time in reverse order, so that a machine that warms up favours
 * nobody. What the machine takes while it idles is in it.
 * @param ms about how long a run of each takes
 */
export async function energyOf(versions: readonly Contestant[], ms: readonly number[], bench: Bench): Promise<number[] | Unavailable> {
  const joules = versions.map(() => 0)
  const order = [...versions.keys(), ...[...versions.keys()].reverse()]
  for (const index of order) {
    const { session, feeds } = versions[index] as Contestant
    const rounds = Math.round(Math.min(most, Math.max(fewest, stretchMs / Math.max(ms[index] ?? 1, 1e-3))))
    const sessions = [{ ...session, config: { ...timingOptions, ...session.config } }]
    const { conditions } = await bench.runtime.time({ sessions, feeds: [feeds], rounds, warmup, seed: 1 }, bench.control)
    if (typeof conditions.joules !== 'number') return conditions.joules
    joules[index] = (joules[index] as number) + conditions.joules / rounds / 2
  }
  return joules
}
