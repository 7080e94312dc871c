import { int64Tensor, tensorFrom } from '../ir/numbers.ts'
import { stringTensor, type Tensor, tensorOf } from '../ir/tensor.ts'
import type { AttributeProto, TensorProto } from './schema.ts'

/** The tensor that a Constant node gives; `null` when it holds a form that has no dense tensor (`sparse_value`). */
export function constantOf(attributes: readonly AttributeProto[], read: (proto: TensorProto) => Tensor): Tensor | null {
  const only = attributes.length === 1 ? attributes[0] : undefined
  switch (only?.name) {
    case 'value':
      return only.t === undefined ? null : read(only.t)
    case 'value_float':
      return tensorFrom('float32', [], [only.f ?? 0])
    case 'value_floats':
      return tensorFrom('float32', [only.floats.length], only.floats)
    case 'value_int':
      return int64s([only.i ?? 0], [])
    case 'value_ints':
      return int64s(only.ints, [only.ints.length])
    case 'value_string':
      return stringTensor([], [only.s ?? new Uint8Array(0)])
    case 'value_strings':
      return stringTensor([only.strings.length], only.strings)
    default:
      return null
  }
}

function int64s(values: readonly (number | bigint)[], dims: readonly number[]): Tensor {
  if (values.every((value) => typeof value === 'number')) return int64Tensor(values, dims)
  return tensorOf('int64', dims, new Uint8Array(BigInt64Array.from(values, BigInt).buffer))
}
