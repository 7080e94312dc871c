import { numbersOf } from '../../ir/numbers.ts'
import type { Value } from '../../ir/value.ts'

/** A value without the constant factor that exporters of fused attention put on queries and keys alike. */
export function unscaled(value: Value): readonly [Value, number] {
  const node = value.producer
  if (node?.opType !== 'Mul' && node?.opType !== 'Div') return [value, 1]
  const at = node.inputs.findIndex((input) => input?.constant?.ref.dims.every((dim) => dim === 1))
  const constant = node.inputs[at]?.constant
  const other = node.inputs[1 - at] ?? null
  if (constant == null || other === null || constant.ref.dims.length > 4 || (node.opType === 'Div' && at === 0)) return [value, 1]
  const number = numbersOf(constant)[0] as number
  return [other, node.opType === 'Mul' ? number : 1 / number]
}
