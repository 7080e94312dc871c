import { expect, it } from 'vitest'
import { otherCoresOf, watchConditions } from '../../../core/runtime/conditions.ts'

it('counts no more cores than there are, and none over a time too short to count', () => {
  expect(otherCoresOf(500, 1000, 2)).toBe(0.5)
  expect(otherCoresOf(5000, 1000, 2)).toBe(2)
  expect(otherCoresOf(-10, 1000, 2)).toBe(0)
  expect(otherCoresOf(10, 1.5, 2)).toBe(0)
})

it('watches how long it takes', async () => {
  const watch = await watchConditions()
  const { milliseconds, otherCores } = await watch.end()
  expect(milliseconds).toBeGreaterThan(0)
  expect(otherCores).toBe(0)
})
