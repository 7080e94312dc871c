import { watchConditions } from '../conditions.ts'
import { openSession, type Prepared, type Session } from '../ort.ts'
import { shuffled, xorshift } from '../random.ts'
import type { Feeds, SessionSpec, TimeRequest } from '../session.ts'
import type { Program } from './program.ts'

/**
 * Times sessions against each other in one process: every round runs each session once, in an order drawn anew, so that what disturbs
 * the machine disturbs all of them alike. `session.force_spinning_stop` is on unless a spec says otherwise: without it the idle threads
 * of one session steal time from the next.
 */
export const time: Program<'time'> = async (request, { progress }) => {
  const contestants: Contestant[] = []
  const alive = () => progress(0, request.rounds)
  for (const [index, spec] of request.sessions.entries()) {
    contestants.push(await load(spec, feedsFor(request, index)))
    alive()
  }
  for (const contestant of contestants) await warmUp(contestant, request.warmup, alive)
  const random = xorshift(request.seed)
  const runs = contestants.map((): number[] => [])
  const watch = await watchConditions()
  const clockEvery = Math.max(1, Math.floor(request.rounds / clockReadings))
  for (let round = 0; round < request.rounds; round++) {
    if (round % clockEvery === 0) watch.noteClock()
    for (const index of shuffled(contestants.length, random)) runs[index]?.push(await milliseconds(contestants[index] as Contestant))
    progress(round + 1, request.rounds)
  }
  const conditions = await watch.end()
  for (const { session } of contestants) await session.release()
  return { runs, loadMs: contestants.map(({ loadMs }) => loadMs), firstRunMs: contestants.map(({ firstRunMs }) => firstRunMs), conditions }
}

/** About how often the processor's clock is noted. */
const clockReadings = 8

interface Contestant {
  readonly session: Session
  readonly feeds: Prepared
  readonly loadMs: number
  readonly firstRunMs: number
}

const feedsFor = ({ feeds }: TimeRequest, index: number): Feeds => feeds[index] ?? feeds.at(-1) ?? {}

async function load(spec: SessionSpec, feeds: Feeds): Promise<Contestant> {
  const started = performance.now()
  const session = await openSession({ ...spec, config: { 'session.force_spinning_stop': '1', ...spec.config } })
  const loadMs = performance.now() - started
  const prepared = session.prepare(feeds)
  const firstRunMs = await milliseconds({ session, feeds: prepared })
  return { session, feeds: prepared, loadMs, firstRunMs }
}

async function milliseconds({ session, feeds }: Pick<Contestant, 'session' | 'feeds'>): Promise<number> {
  const started = performance.now()
  await session.runOnly(feeds)
  return performance.now() - started
}

/** A stretch of warm-up runs counts as steady when it is at most this much faster than the stretch before it. */
const steadyGain = 0.03
const stretchesAtMost = 5
const warmUpAtMostMs = 5000

/** At least `runs` runs; more stretches of as many while they still get faster, within bounds. */
async function warmUp(contestant: Contestant, runs: number, alive: () => void): Promise<void> {
  const deadline = performance.now() + warmUpAtMostMs
  let before = Number.POSITIVE_INFINITY
  for (let stretch = 0; stretch < stretchesAtMost && runs > 0; stretch++) {
    const fastest = await fastestOf(contestant, runs, alive)
    if (fastest > before * (1 - steadyGain) || performance.now() > deadline) return
    before = fastest
  }
}

async function fastestOf(contestant: Contestant, runs: number, alive: () => void): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run++) {
    fastest = Math.min(fastest, await milliseconds(contestant))
    alive()
  }
  return fastest
}
