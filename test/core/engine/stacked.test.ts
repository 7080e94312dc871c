import { describe, expect, it } from 'vitest'
import { halves, stacked } from '../../../core/engine/stacked.ts'
import type { TensorData } from '../../../core/observe/reducer.ts'

describe('two samples in one batch', () => {
  const sample = (value: number): TensorData => ({ dtype: 'uint8', dims: [1, 2], data: Uint8Array.of(value, value) })
  const shared: TensorData = { dtype: 'uint8', dims: [3], data: Uint8Array.of(7, 8, 9) }

  it('come apart as they went in, and what belongs to both stays whole', () => {
    const both = stacked({ x: sample(1), k: shared }, { x: sample(2), k: shared })
    expect(both.x?.dims).toEqual([2, 2])
    expect(halves(both)).toEqual([
      { x: sample(1), k: shared },
      { x: sample(2), k: shared },
    ])
  })
})
