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
  it('of selected positions is that of a value which holds these alone', () => {
    const values = Float32Array.from({ length: 24 }, (_, at) => Math.sin(at))
    const tensor = (dims: number[], data: Float32Array) => ({ dtype: 'float32' as const, dims, data: new Uint8Array(data.buffer) })
    const of = (value: ReturnType<typeof tensor>, options?: Parameters<typeof sketch.start>[0]) =>
      sketch.finish(sketch.add(sketch.start(options), [value]))
    const first = Float32Array.from([...values.slice(0, 4), ...values.slice(12, 16)])
    const selected = of(tensor([2, 3, 4], values), { select: { axis: 1, kept: [0] } })
    expect(distance(selected, of(tensor([2, 4], first)))).toBe(0)
    expect(of(tensor([2, 3, 4], values), { select: { axis: 1, kept: [3] } }).elements).toBe(0)
  })

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
