import { expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import { timeLimit } from '../../../core/runtime/time-limit.ts'

it('is ten minutes, or the seconds of LATHE_TIME_LIMIT', () => {
  expect(timeLimit({})).toBe(600_000)
  expect(timeLimit({ LATHE_TIME_LIMIT: '1.5' })).toBe(1500)
  // What timers cannot count would end at once.
  expect(timeLimit({ LATHE_TIME_LIMIT: '1e12' })).toBe(2 ** 31 - 1)
})

it.each(['soon', '0', '-3', 'NaN'])('is refused as %s', (given) => {
  expect(() => timeLimit({ LATHE_TIME_LIMIT: given })).toThrow(ProblemError)
})
