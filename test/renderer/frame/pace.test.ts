import { expect, it } from 'vitest'
import { paceAt } from '../../../renderer/frame/pace.ts'

it('says nothing before the pace has settled', () => {
  expect(paceAt(null, { done: 1, of: 10, since: 0 }, 1000)).toBeNull()
  expect(paceAt(null, { done: 0, of: 10, since: 0 }, 60_000)).toBeNull()
})

it('counts down between two steps, and follows a new estimate by a part', () => {
  const first = paceAt(null, { done: 10, of: 100, since: 0 }, 10_000)!
  expect(first.end).toBe(100_000)
  expect(paceAt(first, { done: 10, of: 100, since: 0 }, 14_000)).toBe(first)
  // Twice as slow by now: 200 s in all, of which a part is believed.
  const next = paceAt(first, { done: 20, of: 100, since: 0 }, 40_000)!
  expect(next.end).toBeGreaterThan(100_000)
  expect(next.end).toBeLessThan(200_000)
})

it('begins anew with another step', () => {
  const first = paceAt(null, { done: 10, of: 100, since: 0 }, 10_000)
  expect(paceAt(first, { done: 1, of: 2, since: 10_000 }, 15_000)?.end).toBe(20_000)
})
