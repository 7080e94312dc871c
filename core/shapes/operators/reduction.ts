import { isFloat } from '../../ir/dtype.ts'
import type { Dim, Shape } from '../../ir/value.ts'
import { addDims, multiplyDims } from '../dim.ts'
import type { Known } from '../known.ts'
import { attribute, axesOf, axisOf, type Call, type Family, type Infer, tensor } from '../operator.ts'

/** Axes that a reduction takes; `null` when they are not known. */
function reducedAxes(call: Call, rank: number): ReadonlySet<number> | null {
  const axes = axesOf(call, 1)
  if (axes === null) return null
  const all = axes === undefined || (axes.length === 0 && rank > 0)
  if (all && attribute(call, 'noop_with_empty_axes', 0) === 1) return new Set()
  const list = all ? Array.from({ length: rank }, (_, i) => i) : axes.map((axis) => axisOf(axis, rank) ?? -1)
  return new Set(list)
}

function reducedShape(call: Call): Shape {
  const from = call.shape(0)
  if (from === null) return null
  const axes = reducedAxes(call, from.length)
  const keep = attribute(call, 'keepdims', 1) === 1
  if (axes === null) return keep ? from.map(() => null) : null
  return keep ? from.map((dim, i) => (axes.has(i) ? 1 : dim)) : from.filter((_, i) => !axes.has(i))
}

const reduce: Infer = (call) => [tensor(call.dtype(0), reducedShape(call))]

/** Content of a whole 1-D tensor of whole numbers reduced to one entry: products and sums of sizes. */
const follow =
  (work: (a: Dim, b: Dim) => Dim, start: Dim) =>
  (call: Call): Known | null => {
    const known = call.known(0)
    const shape = reducedShape(call)
    if (known === null || known.dims.length !== 1 || isFloat(known.dtype) || shape === null) return null
    if (reducedAxes(call, 1)?.size !== 1) return null
    const first = start === null ? (known.entries[0] ?? null) : start
    return { dtype: known.dtype, dims: shape as readonly number[], entries: [known.entries.reduce(work, first)] }
  }

const pick =
  (choose: (a: number, b: number) => number) =>
  (a: Dim, b: Dim): Dim =>
    typeof a === 'number' && typeof b === 'number' ? choose(a, b) : a === b ? a : null

const argument: Infer = (call) => {
  const from = call.shape(0)
  const axis = from === null ? null : axisOf(attribute(call, 'axis', 0), from.length)
  if (from === null) return [tensor('int64', null)]
  const keep = attribute(call, 'keepdims', 1) === 1
  return [tensor('int64', keep ? from.map((dim, i) => (i === axis ? 1 : dim)) : from.filter((_, i) => i !== axis))]
}

const plain = ['ReduceMean', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSum', 'ReduceLogSumExp']

export const reduction: Family = {
  ...Object.fromEntries(plain.map((type) => [type, { infer: reduce }])),
  ReduceSum: { infer: reduce, follow: follow(addDims, 0) },
  ReduceProd: { infer: reduce, follow: follow(multiplyDims, 1) },
  ReduceMax: { infer: reduce, follow: follow(pick(Math.max), null) },
  ReduceMin: { infer: reduce, follow: follow(pick(Math.min), null) },
  ArgMax: { infer: argument },
  ArgMin: { infer: argument },
}
