import type { Value } from '../../ir/value.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

const quantized = { name: 'quantize', shared: true } as const

/** The product of 8-bit integers with the scale of what was quantized and of the weights. */
const product = op('Mul', [
  op('Cast', [
    op('MatMulInteger', [
      op('DynamicQuantizeLinear', [any('x')], quantized),
      constant('weight'),
      op('DynamicQuantizeLinear', [any('x')], { ...quantized, output: 2 }),
      maybe(constant('zero')),
    ]),
  ]),
  op('Mul', [op('DynamicQuantizeLinear', [any('x')], { ...quantized, output: 1 }), constant('scale')]),
])

export const fuseDynamicQuantizeMatmul = rule({
  id: 'fuse-dynamic-quantize-matmul',
  summary: 'Quantizing, multiplying integers and scaling back is DynamicQuantizeMatMul.',
  fidelity: 'rounding',
  pattern: product,
  rewrite({ x, weight, zero, scale }, draft) {
    const columns = weight.constant.ref.dims.at(-1)
    if (weight.constant.ref.dims.length !== 2) return reject('the weights are no matrix', weight)
    for (const value of [scale, zero]) {
      const dims = value?.constant.ref.dims ?? []
      if (dims.length > 1 || (dims.length === 1 && dims[0] !== 1 && dims[0] !== columns))
        return reject('a scale is neither one number nor one for each column', value)
    }
    return draft.op('com.microsoft.DynamicQuantizeMatMul', [x, weight, scale, zero] as readonly (Value | null)[])
  },
})
