import { describe, expect, it } from 'vitest'
import { type PatchGramOptions, patchGram } from '../../../core/observe/patch-gram.ts'
import { floatsIn, randomTensor, reduced } from '../../support/tensor-data.ts'

const whole = { patches: 1e6, limit: 1e6 }

/** Patches by the definition of Conv, [place][channel of the group, position]. */
function plainPatches(
  numbers: Float32Array,
  [samples, channels, height, width]: readonly [number, number, number, number],
  options: PatchGramOptions,
  group: number,
) {
  const { kernel, strides, pads, dilations, groups } = options
  const inputs = channels / groups
  const rows: number[][] = []
  const last = (extent: number, axis: number) => extent + pads[axis]! + pads[axis + 2]! - (kernel[axis]! - 1) * dilations[axis]! - 1
  for (let n = 0; n < samples; n++)
    for (let y = 0; y <= last(height, 0); y += strides[0]!)
      for (let x = 0; x <= last(width, 1); x += strides[1]!) {
        const row: number[] = []
        for (let c = group * inputs; c < (group + 1) * inputs; c++)
          for (let i = 0; i < kernel[0]!; i++)
            for (let j = 0; j < kernel[1]!; j++) {
              const [v, u] = [y - pads[0]! + i * dilations[0]!, x - pads[1]! + j * dilations[1]!]
              row.push(v < 0 || u < 0 || v >= height || u >= width ? 0 : numbers[((n * channels + c) * height + v) * width + u]!)
            }
        rows.push(row)
      }
  return rows
}

describe('patch-gram', () => {
  it.each<[string, Omit<PatchGramOptions, 'patches' | 'limit'>]>([
    ['of a padded 3x3 kernel', { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 }],
    ['with strides and uneven pads', { kernel: [3, 2], strides: [2, 1], pads: [0, 1, 1, 0], dilations: [1, 1], groups: 1 }],
    ['of groups and dilations', { kernel: [2, 2], strides: [1, 2], pads: [1, 0, 0, 1], dilations: [2, 1], groups: 2 }],
  ])('is X^T X of the patches %s', (_, shape) => {
    const options = { ...shape, ...whole }
    const dims = [2, 4, 6, 5] as const
    const tensor = randomTensor(dims, 5)
    const { matrix, sums, size, rows } = reduced(patchGram, options, [[tensor]])
    for (let group = 0; group < shape.groups; group++) {
      const plain = plainPatches(floatsIn(tensor), dims, options, group)
      expect(rows).toBe(plain.length)
      for (let i = 0; i < size; i++) {
        expect(sums[group * size + i]).toBeCloseTo(
          plain.reduce((sum, row) => sum + row[i]!, 0),
          8,
        )
        for (let j = 0; j < size; j++) {
          const product = plain.reduce((sum, row) => sum + row[i]! * row[j]!, 0)
          expect(matrix[(group * size + i) * size + j]).toBeCloseTo(product, 8)
        }
      }
    }
  })

  it('takes some patches of each batch, and no more than the limit', () => {
    const options = { kernel: [1], strides: [1], pads: [0, 0], dilations: [1], groups: 1, patches: 10, limit: 15 }
    const batch = randomTensor([4, 2, 50], 3)
    expect(reduced(patchGram, options, [[batch]]).rows).toBe(10)
    expect(reduced(patchGram, options, [[batch], [batch]]).rows).toBe(15)
  })
})
