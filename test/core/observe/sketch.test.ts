import { describe, expect, it } from 'vitest'
import { tensorFrom } from '../../../core/ir/numbers.ts'
import { distance, sketch } from '../../../core/observe/sketch.ts'
import { normals, seeded } from '../../support/seeds.ts'

const of = (...batches: readonly number[][]) => {
  let state = sketch.start({})
  for (const numbers of batches) {
    const data = tensorFrom('float32', [numbers.length], numbers).read()
    state = sketch.add(state, [{ dtype: 'float32', dims: [numbers.length], data }])
  }
  return sketch.finish(state)
}

const next = normals(seeded(3))
const value = Array.from({ length: 4000 }, () => next())
const noisy = (level: number) => value.map((number) => number + level * next())

describe('a sketch', () => {
  it.each([0.01, 0.1, 1])('tells how far two values are apart, relative to the first: %f', (level) => {
    const apart = distance(of(value), of(noisy(level)))
    expect(apart / level).toBeGreaterThan(0.6)
    expect(apart / level).toBeLessThan(1.5)
  })

  it('of the same numbers is the same, in one batch or in several', () => {
    expect(distance(of(value), of(value))).toBe(0)
    expect(distance(of(value), of(value.slice(0, 1000), value.slice(1000)))).toBeLessThan(1e-6)
  })

  it('depends on the order, and on the size', () => {
    expect(distance(of(value), of([...value].reverse()))).toBeGreaterThan(0.8)
    expect(distance(of(value), of(value.slice(1)))).toBe(Number.POSITIVE_INFINITY)
  })

  it('leaves masks of minus infinity out', () => {
    const masked = value.map((number, i) => (i % 2 === 0 ? Number.NEGATIVE_INFINITY : number))
    expect(of(masked).sums.every(Number.isFinite)).toBe(true)
  })
})
