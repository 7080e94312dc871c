import { describe, expect, it } from 'vitest'
import { type Random, seeded } from '../../../core/data/random.ts'
import { Model } from '../../../core/ir/model.ts'
import { judgeRow, type KernelShares, overheadOf, timesOf } from '../../../core/measure/row-time.ts'

const kernelCount = 12
const { graph } = new Model()
const kernels = Array.from({ length: kernelCount }, (_, at) =>
  graph.addNode({ opType: 'MatMul', name: `kernel ${at}`, inputs: [], outputs: [] }),
)

/** What a machine does to a profile: by how much it is slower as a whole, how kernels jitter, and how often something stops one of them. */
interface Weather {
  readonly processes: number
  readonly jitter: number
  readonly spikes: number
}
const calm: Weather = { processes: 0.02, jitter: 0.03, spikes: 0.005 }
const loaded: Weather = { processes: 0.5, jitter: 0.4, spikes: 0.2 }

/** Four profiles of a version whose kernels take `microseconds` undisturbed. */
function sharesOf(microseconds: readonly number[], { processes, jitter, spikes }: Weather, random: Random): KernelShares {
  const profiles = Array.from({ length: 4 }, () => {
    const own = microseconds.map((time) => time * Math.exp(processes * random.normal()))
    const timed = kernels.map(({ name }, at) => ({
      ...{ node: name, opType: 'MatMul', provider: 'cpu' },
      runs: Array.from({ length: 10 }, () => {
        const stopped = random.next() < spikes ? 1 + 8 * random.next() : 1
        return own[at]! * stopped * Math.exp(jitter * random.normal())
      }),
    }))
    return { runs: timed[0]!.runs.map((_, run) => 5 + timed.reduce((sum, { runs }) => sum + runs[run]!, 0)), kernels: timed }
  })
  return { unprofiledMs: microseconds.reduce((sum, time) => sum + time, 5) / 1000, profiles }
}

const before = Array.from({ length: kernelCount }, (_, at) => 40 + 30 * at)

/** Rows of many comparisons, and the row of what no kernel takes. */
function rowsOf(after: readonly number[], weather: Weather, comparisons: number) {
  return Array.from({ length: comparisons }, (_, seed) => {
    const random = seeded(1 + 31 * seed)
    const [baseline, candidate] = [sharesOf(before, weather, random), sharesOf(after, weather, random)]
    const options = { wholeMs: baseline.unprofiledMs, floor: 0.01, seed }
    return [
      ...kernels.map((kernel) => judgeRow(timesOf([kernel], baseline), timesOf([kernel], candidate), options)),
      judgeRow(overheadOf(kernels, baseline), overheadOf(kernels, candidate), options),
    ]
  }).flat()
}

describe('times of rows', () => {
  it('add up to the whole', () => {
    const shares = sharesOf(before, loaded, seeded(5))
    const rows = kernels.map((kernel) => timesOf([kernel], shares).ms)
    expect(rows.reduce((sum, ms) => sum + ms, overheadOf(kernels, shares).ms)).toBeCloseTo(shares.unprofiledMs, 9)
  })

  it.each([
    ['a calm', calm],
    ['a loaded', loaded],
  ])('have verdicts on %s machine that point where the times do', (_, weather) => {
    const after = before.map((time, at) => time * [0.4, 0.7, 0.95, 1, 1.1, 1.6][at % 6]!)
    const rows = rowsOf(after, weather, 60)
    const against = rows.filter(
      ({ baseline, candidate, verdict }) =>
        (verdict === 'better' && candidate >= baseline) || (verdict === 'worse' && candidate <= baseline),
    )
    expect(against).toEqual([])
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['better', 'worse', 'no clear difference']))
  })

  it.each([
    ['calm', calm],
    ['loaded', loaded],
  ])('have intervals on a %s machine that hold the times, and do not overlap where a difference is claimed', (_, weather) => {
    const after = before.map((time, at) => time * [0.4, 0.7, 0.95, 1, 1.1, 1.6][at % 6]!)
    const rows = rowsOf(after, weather, 30)
    for (const { baseline, candidate, verdict, intervals } of rows) {
      const [ours, theirs] = [intervals!.baseline, intervals!.candidate]
      expect(ours.low <= baseline && baseline <= ours.high && theirs.low <= candidate && candidate <= theirs.high).toBe(true)
      if (verdict !== 'no clear difference') expect(ours.high < theirs.low || theirs.high < ours.low).toBe(true)
    }
    expect(rows.filter(({ intervals }) => intervals!.baseline.high > intervals!.baseline.low).length).toBe(rows.length)
  })

  it('have intervals that hold the time it would take without noise in most of 100 tries', () => {
    const held = rowsOf(before, calm, 100).filter((row, at) => {
      const kernel = at % (kernelCount + 1)
      if (kernel === kernelCount || row.intervals === undefined) return false
      const undisturbed = before[kernel]! / 1000
      return row.intervals.baseline.low <= undisturbed && undisturbed <= row.intervals.baseline.high
    })
    // The least and the greatest of four enclose the median with 1 - 2 / 2^4.
    expect(held.length / (100 * kernelCount)).toBeGreaterThan(0.8)
    expect(held.length / (100 * kernelCount)).toBeLessThan(0.95)
  })

  it('have no interval from a single profile', () => {
    const single = (shares: KernelShares) => timesOf(kernels, { ...shares, profiles: shares.profiles.slice(0, 1) })
    const shares = sharesOf(before, calm, seeded(3))
    const row = judgeRow(single(shares), single(shares), { wholeMs: shares.unprofiledMs, floor: 0.01, seed: 1 })
    expect(row).not.toHaveProperty('intervals')
  })

  it.each([
    ['calm', calm],
    ['loaded', loaded],
  ])('of the same file differ in no more than one row of twenty on a %s machine', (_, weather) => {
    const rows = rowsOf(before, weather, 80)
    const claimed = rows.filter(({ verdict }) => verdict !== 'no clear difference')
    expect(claimed.length / rows.length).toBeLessThanOrEqual(0.05)
  })

  it('that differ by a half are told apart on a calm machine', () => {
    const rows = rowsOf(
      before.map((time, at) => (at < 6 ? time * 0.5 : time)),
      calm,
      10,
    )
    const halved = rows.filter((_, at) => at % (kernelCount + 1) < 6)
    expect(halved.filter(({ verdict }) => verdict === 'better').length).toBeGreaterThan(0.9 * halved.length)
  })
})
