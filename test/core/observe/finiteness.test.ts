import { expect, it } from 'vitest'
import { finiteness } from '../../../core/observe/finiteness.ts'

it('counts NaN and infinities over all samples', () => {
  const batch = (values: readonly number[]) => [
    { dtype: 'float32' as const, dims: [values.length], data: new Uint8Array(Float32Array.from(values).buffer) },
  ]
  let state = finiteness.start({})
  state = finiteness.add(state, batch([1, Number.NaN, -3]))
  state = finiteness.add(state, batch([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 3e38]))
  expect(finiteness.finish(state)).toEqual({ elements: 6, nonFinite: 3 })
})
