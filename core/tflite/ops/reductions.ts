import type { Node } from '../../ir/value.ts'
import { Arithmetic } from '../arithmetic.ts'
import { attributeOrInput, axisOf, input, number, output } from '../attributes.ts'
import type { Lowering, LoweringContext } from '../conversion.ts'
import { type Perm, store, storedAxis } from '../layout.ts'
import type { Builtin } from '../operators.ts'
import { refuseOpen } from '../unconvertible.ts'

/** ReduceMean and its kind: axes are followed into whatever order the value has; without `keepdims` the rest is put back in ONNX order. */
const reduce =
  (operator: Builtin): Lowering =>
  ({ node, to }) => {
    const value = input(node, 0)
    const rank = to.dims(value).length
    const axes = (attributeOrInput(node, 'axes', 1) ?? []).map((axis) => axisOf(axis, rank))
    if (axes.length === 0 && number(node, 'noop_with_empty_axes', 0) === 1)
      return to.put(output(node), to.placed(value).tensor, to.placed(value).perm)
    const all = axes.length === 0 ? Array.from({ length: rank }, (_, i) => i) : axes
    const keepDims = number(node, 'keepdims', 1) === 1
    const place = to.placed(value)
    const perm: Perm = keepDims || isOrderKept(place.perm, all) ? place.perm : null
    const tensor = to.stored(value, perm)
    const dtype = to.dtype(output(node))
    const made = to.emit(dtype === 'bool' ? (operator === 'REDUCE_MAX' ? 'REDUCE_ANY' : 'REDUCE_ALL') : operator, {
      inputs: [tensor, to.ints(all.map((axis) => storedAxis(axis, perm)).toSorted((a, b) => a - b))],
      dims: keepDims ? store(to.dims(output(node)), perm) : to.dims(output(node)),
      dtype: to.dtype(output(node)),
      options: { keepDims },
      name: output(node).name,
    })
    to.put(output(node), made, keepDims ? perm : null)
  }

/** Whether the axes that stay are in ONNX order anyway. */
function isOrderKept(perm: Perm, gone: readonly number[]): boolean {
  const kept = (perm ?? []).filter((axis) => !gone.includes(axis))
  return kept.every((axis, i) => i === 0 || axis > (kept[i - 1] as number))
}

/** Before operator set 13: over all axes from one on, as the rows of a matrix. */
function flattened({ node, to }: LoweringContext, operator: 'SOFTMAX' | 'LOG_SOFTMAX', axis: number): void {
  const a = new Arithmetic(to)
  const dims = to.dims(input(node, 0))
  const count = (part: readonly number[]): number => part.reduce((product, dim) => product * dim, 1)
  const rows = to.reshape(to.plain(input(node, 0)), [count(dims.slice(0, axis)), count(dims.slice(axis))])
  const made = a.unary(operator, rows, operator === 'SOFTMAX' ? { beta: 1 } : {})
  to.put(output(node), to.reshape(made, dims, output(node).name))
}

/** Softmax along the last stored axis; another axis is brought there. From operator set 13 on it is one axis, before that all from it on. */
const softmax =
  (operator: 'SOFTMAX' | 'LOG_SOFTMAX'): Lowering =>
  ({ node, to }) => {
    const value = input(node, 0)
    const dims = to.dims(value)
    const axis = axisOf(number(node, 'axis', opsetOf(node) >= 13 ? -1 : 1), dims.length)
    if (opsetOf(node) < 13 && axis !== dims.length - 1) return flattened({ node, to }, operator, axis)
    const perm = lastly(to.placed(value).perm, axis, dims.length)
    const options = operator === 'SOFTMAX' ? { beta: 1 } : {}
    const made = to.emit(operator, {
      inputs: [to.stored(value, perm)],
      dims: store(dims, perm),
      dtype: to.dtype(output(node)),
      options,
      name: output(node).name,
    })
    to.put(output(node), made, perm)
  }

/** An order that has `axis` last: the present one when it does, else the ONNX order with the axis moved. */
function lastly(perm: Perm, axis: number, rank: number): Perm {
  if (storedAxis(axis, perm) === rank - 1) return perm
  if (axis === rank - 1) return null
  return [...Array.from({ length: rank }, (_, i) => i).filter((other) => other !== axis), axis]
}

const opsetOf = (node: Node): number => node.graph.model.opset

const argument =
  (operator: 'ARG_MAX' | 'ARG_MIN'): Lowering =>
  ({ node, to }) => {
    const value = input(node, 0)
    const axis = axisOf(number(node, 'axis', 0), to.dims(value).length)
    const a = new Arithmetic(to)
    const last = number(node, 'select_last_index', 0) === 1
    if (last) refuseOpen(node, [to.dims(value)[axis] as number])
    const { tensor, perm } = to.placed(value)
    const stored = storedAxis(axis, perm)
    const shape = store(to.dims(value), perm)
    const made = to.emit(operator, {
      inputs: [last ? a.reverse(tensor, stored) : tensor, to.ints([stored], [])],
      dims: shape.filter((_, i) => i !== stored),
      dtype: 'int32',
      options: { outputType: 2 },
      name: output(node).name,
    })
    // The first from behind is the last.
    const place = last ? a.binary('SUB', to.ints([(to.dims(value)[axis] as number) - 1], []), made) : made
    if (number(node, 'keepdims', 1) !== 1) return to.put(output(node), place, without(perm, axis))
    const kept = shape.map((dim, i) => (i === stored ? 1 : dim))
    to.put(output(node), to.reshape(place, kept, `${output(node).name}/kept`), perm)
  }

/** The order of the axes that stay when one goes. */
function without(perm: Perm, gone: number): Perm {
  const left = (perm ?? []).filter((axis) => axis !== gone).map((axis) => (axis > gone ? axis - 1 : axis))
  return perm === null || left.every((axis, i) => axis === i) ? null : left
}

export const reductions: Readonly<Record<string, Lowering>> = {
  ReduceMean: reduce('MEAN'),
  ReduceSum: reduce('SUM'),
  ReduceMax: reduce('REDUCE_MAX'),
  ReduceMin: reduce('REDUCE_MIN'),
  ReduceProd: reduce('REDUCE_PROD'),
  Softmax: softmax('SOFTMAX'),
  LogSoftmax: softmax('LOG_SOFTMAX'),
  ArgMax: argument('ARG_MAX'),
  ArgMin: argument('ARG_MIN'),
}
