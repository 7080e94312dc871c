import fc from 'fast-check'
import { expect, test } from 'vitest'
import { between, channelsLast, permuteBytes, stridesOf } from '../../../core/tflite/layout.ts'

/** Element by element, as the definition says: result[i...] = data[i permuted back]. */
function permutedOneByOne(data: Uint8Array, { dims, perm, width }: { dims: readonly number[]; perm: readonly number[]; width: number }) {
  const strides = stridesOf(dims)
  const outDims = perm.map((axis) => dims[axis] as number)
  const outStrides = stridesOf(outDims)
  const out = new Uint8Array(data.byteLength)
  for (let at = 0; at < data.byteLength / width; at++) {
    const source = perm.reduce(
      (sum, axis, i) => sum + (Math.floor(at / (outStrides[i] as number)) % (outDims[i] as number)) * (strides[axis] as number),
      0,
    )
    out.set(data.subarray(source * width, (source + 1) * width), at * width)
  }
  return out
}

const shapes = fc
  .array(
    fc.nat(4).map((i) => [1, 2, 3, 5, 40][i] as number),
    { minLength: 1, maxLength: 5 },
  )
  .filter((dims) => dims.reduce((a, b) => a * b) < 5000)
const cases = shapes.chain((dims) =>
  fc.record({
    dims: fc.constant(dims),
    perm: fc.shuffledSubarray(
      dims.map((_, i) => i),
      { minLength: dims.length },
    ),
    width: fc.constantFrom(1, 2, 4, 8),
    shift: fc.constantFrom(0, 1),
  }),
)

test('axes are permuted as the definition says, for all widths of elements, seed 7', () => {
  fc.assert(
    fc.property(cases, ({ dims, perm, width, shift }) => {
      const count = dims.reduce((a, b) => a * b) * width
      const data = Uint8Array.from({ length: count + shift }, (_, i) => (i * 31 + (i >> 8)) & 255).subarray(shift)
      expect(permuteBytes(data, { dims, perm, width })).toEqual(permutedOneByOne(data, { dims, perm, width }))
    }),
    { numRuns: 300, seed: 7 },
  )
})

test('where no element moves nothing is copied', () => {
  const data = new Uint8Array(24)
  expect(permuteBytes(data, { dims: [2, 3, 1, 1], perm: [0, 2, 3, 1], width: 4 })).toBe(data)
})

test('the way between two orders of axes', () => {
  expect(between(null, channelsLast(4), 4)).toEqual([0, 2, 3, 1])
  expect(between(channelsLast(4), null, 4)).toEqual([0, 3, 1, 2])
  expect(between(channelsLast(4), [0, 2, 3, 1], 4)).toBeNull()
})
