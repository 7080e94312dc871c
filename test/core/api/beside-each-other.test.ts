import { describe, expect, it } from 'vitest'
import { besideEachOther } from '../../../core/api/beside-each-other.ts'
import type { Candidate } from '../../../core/api/report.ts'

const timed = (id: string, baseline: number, candidate: number) =>
  ({
    id,
    latencyMs: { ratio: candidate / baseline, baseline: { median: baseline }, candidate: { median: candidate } },
  }) as unknown as Candidate
const untimed = { id: 'none', latencyMs: { unavailable: 'not measured' } } as unknown as Candidate

describe('candidates beside each other', () => {
  it('stand at the time of the source that the first was timed with', () => {
    // The machine was half as fast again when the second was timed: read as it is, it would look faster than the first.
    const times = besideEachOther([untimed, timed('a', 1.5, 1), timed('b', 1, 0.9)])
    expect([...times.keys()]).toEqual(['a', 'b'])
    expect(times.get('a')).toBe(1)
    expect(times.get('b')).toBeCloseTo(1.35)
  })

  it('stand as they were read where they were timed together', () => {
    const times = besideEachOther([timed('a', 1.5, 1), { ...timed('b', 1.5, 0.9) }])
    expect([...times.values()]).toEqual([1, 0.9])
  })
})
