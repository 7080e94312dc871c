import { expect, it } from 'vitest'
import { Believed } from '../../../core/store/believed.ts'

it('believes a path at the size that was seen, and forgets what was seen longest ago', () => {
  const believed = new Believed(2)
  believed.add('a', 1)
  believed.add('b', 2)
  expect([believed.has('a', 1), believed.has('a', 2), believed.has('b', 2)]).toEqual([true, false, true])
  believed.add('a', 1)
  believed.add('c', 3)
  expect([believed.has('a', 1), believed.has('b', 2), believed.has('c', 3)]).toEqual([true, false, true])
})
