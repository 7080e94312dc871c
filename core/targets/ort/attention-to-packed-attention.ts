import { float, floatOf, int, intOf } from '../../ir/attributes.ts'
import { float32Tensor, floatsOf } from '../../ir/numbers.ts'
import type { Tensor } from '../../ir/tensor.ts'
import type { Attribute, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, rankOf } from '../../shapes/shape-facts.ts'
import { wholeMask } from '../whole-mask.ts'
import { leastFloat, packedBias, paddingMask, paddingOf, projectionOf } from './attention-bias.ts'

/**
 * Query, key and value are one product then, and can have one precision only; whether that is faster hangs on the sizes. So this is done where it
 * was timed to be, and nowhere by default.
 */
export const attentionToPackedAttention = rule({
  id: 'attention-to-packed-attention',
  summary: 'Attention with the products of query, key and value in it: Attention with packed weights.',
  fidelity: 'rounding',
  housekeeping: true,
  pattern: op('lathe.Attention', [any('query'), any('key'), any('value'), maybe(any('mask'))], 'attention'),
  rewrite({ query, key, value, mask, attention }, draft) {
    const heads = intOf(attention, 'heads', 0)
    if (heads !== intOf(attention, 'kv_heads', 0)) return reject('there are fewer key heads than query heads', attention)
    if (dtypeOf(query) !== 'float32') return reject('the kernel computes in float32 on this provider', query)
    if (floatOf(attention, 'softcap', 0) !== 0) return reject('the kernel does not bound scores', attention)
    if (attention.outputs.length > 1) return reject('it gives out its keys and values', attention)
    const projections = [query, key, value].flatMap((each) => projectionOf(each) ?? [])
    const products = projections.flatMap(({ product }) => productOf(product) ?? [])
    const [first] = products
    if (first === undefined || products.length < 3) return reject('query, key and value are not all products with weights', attention)
    if (products.some(({ x }) => x !== first.x) || rankOf(first.x) !== 3) return reject('they are not made of one value', attention)
    if (products.some(({ weight }) => weight.ref.dims.join() !== first.weight.ref.dims.join()))
      return reject('their sizes differ', attention)
    const weights = draft.constant(sideBySide(products.map(({ weight }) => weight)), 'qkv_weight')
    // onnxruntime 1.30 reads a bias that is left out, and its process ends.
    const width = weights.constant?.ref.dims[1] ?? 0
    const bias = packedBias(projections, draft) ?? draft.constant(float32Tensor([width], new Float32Array(width)), 'qkv_bias')
    const inputs = [first.x, weights, bias]
    const attributes: Record<string, Attribute> = { num_heads: int(heads), scale: float(floatOf(attention, 'scale', 1)) }
    const masked = mask === null ? [] : maskInputs(mask, query, { attributes, draft })
    if (masked === null) return reject('the shape of the mask is not known', mask)
    if (masked.length !== 1 && intOf(attention, 'safe', 0) === 1) return reject('queries without an open key get zeros', mask)
    return draft.op('com.microsoft.Attention', [...inputs, ...masked], attributes, { name: attention.name })
  },
})

/** The mask as the operator takes it: padding of keys as such, anything else as what is added to the scores. */
function maskInputs(
  mask: Value,
  query: Value,
  { attributes, draft }: { attributes: Record<string, Attribute>; draft: Draft },
): readonly (Value | null)[] | null {
  const padding = paddingOf(mask)
  if (padding !== null) {
    attributes.mask_filter_value = float(Math.max(padding.fill, leastFloat))
    return [paddingMask(padding, draft)]
  }
  const whole = wholeMask(mask, query, draft)
  return whole === null ? null : [null, null, whole]
}

/** A product with a matrix of weights that nobody else reads. */
function productOf(value: Value): { x: Value; weight: Tensor } | null {
  const node = value.producer
  const [x, weight] = node?.inputs ?? []
  if (node?.opType !== 'MatMul' || node.domain !== '' || value.uses.length > 1 || value.isOutput || x == null) return null
  const tensor = weight?.constant ?? null
  return tensor?.ref.dtype === 'float32' && tensor.ref.dims.length === 2 ? { x, weight: tensor } : null
}

/** Matrices of as many rows, their columns behind one another. */
function sideBySide(matrices: readonly Tensor[]): Tensor {
  const [rows = 0] = matrices[0]?.ref.dims ?? []
  const widths = matrices.map(({ ref }) => ref.dims[1] ?? 0)
  const whole = widths.reduce((sum, width) => sum + width, 0)
  const packed = new Float32Array(rows * whole)
  let from = 0
  matrices.forEach((matrix, i) => {
    const [values, width] = [floatsOf(matrix), widths[i] as number]
    for (let row = 0; row < rows; row++) packed.set(values.subarray(row * width, (row + 1) * width), row * whole + from)
    from += width
  })
  return float32Tensor([rows, whole], packed)
}
