import { describe, it } from 'vitest'
import { mergeParallelConvs } from '../../../../core/rules/convolution/merge-parallel-convs.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-parallel-convs', () => {
  it('puts the smaller kernel into the larger', () =>
    checkRule(mergeParallelConvs, {
      before: `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[6, 4, 3, 3], float32[6]) {pads: [1, 1, 1, 1], strides: [2, 2]}
b = Conv(x, float32[6, 4, 1, 1]) {strides: [2, 2]}
y = Add(a, b)`,
      after: `y = Conv(x, float32[6, 4, 3, 3], float32[6]) {pads: [1, 1, 1, 1], strides: [2, 2]}`,
    }))

  it('finds the place of uneven kernels', () =>
    checkRule(mergeParallelConvs, {
      before: `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[4, 2, 1, 3]) {pads: [0, 1, 0, 1], group: 2}
b = Conv(x, float32[4, 2, 3, 3]) {pads: [1, 1, 1, 1], group: 2}
y = Add(a, b)`,
      after: `y = Conv(x, float32[4, 2, 3, 3]) {pads: [1, 1, 1, 1], group: 2}`,
    }))

  it('reaches over a term between them', () =>
    checkRule(mergeParallelConvs, {
      before: `(x: float32[2, 4, 6, 6], z: float32[2, 6, 6, 6]) -> (y)
a = Conv(x, float32[6, 4, 1, 3]) {pads: [0, 1, 0, 1]}
b = Conv(x, float32[6, 4, 3, 3]) {pads: [1, 1, 1, 1]}
s = Add(z, a)
y = Add(b, s)`,
      after: `m = Conv(x, float32[6, 4, 3, 3]) {pads: [1, 1, 1, 1]}
y = Add(m, z)`,
    }))

  it('puts a kernel with gaps into one without', () =>
    checkRule(mergeParallelConvs, {
      before: `(x: float32[2, 4, 9, 9]) -> (y)
a = Conv(x, float32[4, 1, 3, 3]) {group: 4, pads: [2, 3, 2, 3], dilations: [2, 3]}
b = Conv(x, float32[4, 1, 5, 9]) {group: 4, pads: [2, 4, 2, 4]}
y = Add(a, b)`,
      after: `y = Conv(x, float32[4, 1, 5, 9]) {group: 4, pads: [2, 4, 2, 4]}`,
    }))

  it.each(['SAME_UPPER', 'SAME_LOWER'])('knows what %s pads in steps of 1', (pads) =>
    checkRule(mergeParallelConvs, {
      before: `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[6, 4, 4, 3]) {auto_pad: "${pads}"}
b = Conv(x, float32[6, 4, 1, 1]) {auto_pad: "${pads}"}
y = Add(a, b)`,
      after: `y = Conv(x, float32[6, 4, 4, 3]) {auto_pad: "${pads}"}`,
    }),
  )

  it('leaves what pads to keep the size in larger steps: how much that is hangs on the size', () =>
    checkRejects(
      mergeParallelConvs,
      `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[6, 4, 3, 3]) {auto_pad: "SAME_UPPER", strides: [2, 2]}
b = Conv(x, float32[6, 4, 1, 1]) {auto_pad: "SAME_UPPER", strides: [2, 2]}
y = Add(a, b)`,
      'pads to keep the size',
    ))

  it('leaves a kernel that spans as much as the other, with gaps', () =>
    checkRejects(
      mergeParallelConvs,
      `(x: float32[2, 4, 9, 9]) -> (y)
a = Conv(x, float32[4, 4, 3, 3]) {pads: [2, 2, 2, 2], dilations: [2, 2]}
b = Conv(x, float32[4, 4, 3, 3]) {pads: [2, 2, 2, 2], dilations: [2, 2]}
y = Add(a, b)`,
      'no kernel lies inside of the other',
    ))

  it('keeps different strides', () =>
    checkRejects(
      mergeParallelConvs,
      `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[6, 4, 3, 3]) {pads: [1, 1, 1, 1], strides: [6, 6]}
b = Conv(x, float32[6, 4, 1, 1]) {strides: [7, 7]}
y = Add(a, b)`,
      'strides or groups differ',
    ))
})
