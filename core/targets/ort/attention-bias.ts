import { int } from '../../ir/attributes.ts'
import { float32Tensor, floatsOf, numbersOf } from '../../ir/numbers.ts'
import type { Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/** A padding mask: which keys [batch, keys] are open, and what is added to the scores of the others. */
export interface Padding {
  readonly open: Value
  readonly fill: number
}

/** Sees a mask [batch, 1, 1, keys] that is 0 or one constant as padding of keys. */
export function paddingOf(mask: Value): Padding | null {
  const node = mask.producer
  if (node?.opType !== 'Where') return null
  const [condition, open, closed] = node.inputs as [Value, Value, Value]
  const fill = scalarOf(closed)
  if (scalarOf(open) !== 0 || fill === null) return null
  const view = condition.producer
  if (view?.opType !== 'Unsqueeze' && view?.opType !== 'Reshape') return null
  const source = view.inputs[0] as Value
  const [from, to] = [shapeOf(source), shapeOf(condition)]
  const isView =
    from?.length === 2 &&
    to?.length === 4 &&
    to[1] === 1 &&
    to[2] === 1 &&
    sameDim(from[0] ?? null, to[0] ?? null) &&
    sameDim(from[1] ?? null, to[3] ?? null)
  return isView ? { open: source, fill } : null
}

/** The least number that is none below: the contrib kernels make NaN of rows that are closed with an infinity. */
export const leastFloat = -3.4028234663852886e38

/** A mask without negative infinities. A query without an open key then averages over all keys; nothing reads such rows. */
export function finite(mask: Value, draft: Draft): Value {
  const node = mask.producer
  const at =
    node?.opType === 'Where' ? node.inputs.findIndex((input) => input !== null && scalarOf(input) === Number.NEGATIVE_INFINITY) : -1
  if (node == null || at < 1) return hasInfinity(mask) ? draft.op('Max', [mask, draft.scalar(leastFloat)]) : mask
  const inputs = node.inputs.map((input, i) => (i === at ? draft.scalar(leastFloat) : input))
  return draft.op('Where', inputs)
}

/** Whether a mask may hold infinities: where it is computed in any other way than a choice between finite numbers. */
function hasInfinity(mask: Value): boolean {
  const node = mask.producer
  const choices = node?.opType === 'Where' ? node.inputs.slice(1).map((input) => (input === null ? null : scalarOf(input))) : [null]
  return choices.some((number) => number === null || !Number.isFinite(number))
}

const scalarOf = (value: Value): number | null =>
  value.constant?.ref.dims.every((dim) => dim === 1) ? (numbersOf(value.constant)[0] as number) : null

/** Padding as the kernels take it: int32 [batch, keys], 1 where a key is open. */
export const paddingMask = (padding: Padding, draft: Draft): Value => draft.op('Cast', [padding.open], { to: int(6) })

/** A projection and the bias that is added to it, where that is a constant of one element an output. */
export interface Projection {
  readonly product: Value
  readonly bias: Float32Array | null
  readonly size: number
}

/** Takes a constant bias off a value [batch, length, size]; `null` when the size is not known. */
export function projectionOf(value: Value): Projection | null {
  const size = shapeOf(value)?.[2]
  if (typeof size !== 'number') return null
  const node = value.producer
  if (node?.opType !== 'Add' || node.domain !== '' || value.uses.length > 1) return { product: value, bias: null, size }
  const at = node.inputs.findIndex(
    (input) => input?.constant?.ref.dims.length === 1 && input.constant.ref.dims[0] === size && input.constant.ref.dtype === 'float32',
  )
  const constant = node.inputs[at]?.constant
  const product = node.inputs[1 - at]
  if (at < 0 || constant == null || product == null) return { product: value, bias: null, size }
  return { product, bias: floatsOf(constant), size }
}

/** The biases of query, key and value in a row; `null` when none has one. */
export function packedBias(projections: readonly Projection[], draft: Draft): Value | null {
  if (projections.every(({ bias }) => bias === null)) return null
  const packed = new Float32Array(projections.reduce((sum, { size }) => sum + size, 0))
  let at = 0
  for (const { bias, size } of projections) {
    if (bias !== null) packed.set(bias, at)
    at += size
  }
  return draft.constant(float32Tensor([packed.length], packed), 'qkv_bias')
}
