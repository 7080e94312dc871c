import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

const quantized = { name: 'quantize', shared: true } as const

/** The product of 8-bit integers with the scale of what was quantized and of the weights. */
const product = op('Mul', [
  op('Cast', [
    op('MatMulInteger', [
      op('DynamicQuantizeLinear', [any('x')], quantized),
      any('weight'),
      op('DynamicQuantizeLinear', [any('x')], { ...quantized, output: 2 }),
      maybe(any('zero')),
    ]),
  ]),
  op('Mul', [op('DynamicQuantizeLinear', [any('x')], { ...quantized, output: 1 }), any('scale')]),
])

export const fuseDynamicQuantizeMatmul = rule({
  id: 'fuse-dynamic-quantize-matmul',
  summary: 'Quantizing, multiplying integers and scaling back is DynamicQuantizeMatMul.',
  fidelity: 'rounding',
  pattern: product,
  rewrite({ x, weight, zero, scale }, draft) {
    const shape = shapeOf(weight)
    if (shape?.length !== 2) return reject('the weights are no matrix', weight)
    for (const value of zero === null ? [scale] : [scale, zero]) {
      const dims = shapeOf(value)
      const fits = dims?.length === 0 || (dims?.length === 1 && (dims[0] === 1 || sameDim(dims[0] ?? null, shape[1] ?? null)))
      if (!fits) return reject('a scale is neither one number nor one for each column', value)
    }
    return draft.op('com.microsoft.DynamicQuantizeMatMul', [x, weight, scale, zero])
  },
})
