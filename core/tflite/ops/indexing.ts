import { Arithmetic } from '../arithmetic.ts'
import { axisOf, constantNumbers, input, number, output } from '../attributes.ts'
import type { Lowering } from '../conversion.ts'
import { Unconvertible } from '../unconvertible.ts'

/** GatherND without batch dimensions (the runtime has none); with them, when the batch is 1. */
const gatherNd: Lowering = ({ node, to }) => {
  const [value, indices, result] = [input(node, 0), input(node, 1), output(node)]
  const batch = number(node, 'batch_dims', 0)
  const spec = { dims: to.dims(result), dtype: to.dtype(result), name: result.name }
  if (batch === 0) return to.put(result, to.emit('GATHER_ND', { ...spec, inputs: [to.plain(value), to.plain(indices)] }))
  const depth = to.dims(indices).at(-1) ?? 0
  if (depth !== 1) throw new Unconvertible('GatherND with batch dimensions and indices of several axes', 'Gather along one axis at a time.')
  const flat = to.reshape(to.plain(indices), to.dims(indices).slice(0, -1))
  to.put(result, to.emit('GATHER', { ...spec, inputs: [to.plain(value), flat], options: { axis: batch, batchDims: batch } }))
}

/** Top k along the last axis, which is where the runtime looks: another axis is brought there, the smallest are the largest of the negated. */
const topK: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const rank = to.dims(input(node, 0)).length
  const axis = axisOf(number(node, 'axis', -1), rank)
  const order = [...Array.from({ length: rank }, (_, i) => i).filter((each) => each !== axis), axis]
  const back = order.map((_, i) => order.indexOf(i))
  const smallest = number(node, 'largest', 1) !== 1
  const x = a.transpose(to.plain(input(node, 0)), order)
  const source = smallest ? a.unary('NEG', x) : x
  const [k = 1] = constantNumbers(node, 1) ?? []
  const shape = [...a.dims(source).slice(0, -1), k]
  const values = to.tensor({ name: `${input(node, 0).name}/top`, dtype: a.dtype(source), shape })
  const places = to.tensor({ name: `${input(node, 0).name}/places`, dtype: 'int32', shape })
  to.emitTo('TOPK_V2', [values, places], { inputs: [source, to.ints([k], [])] })
  const [best, where] = node.outputs
  if (best !== undefined && best.name !== '') to.put(best, a.transpose(smallest ? a.unary('NEG', values) : values, back))
  if (where !== undefined && where.name !== '') to.put(where, a.transpose(places, back))
}

const oneHot: Lowering = ({ node, to }) => {
  const [indices, result] = [input(node, 0), output(node)]
  const [depth = 0] = constantNumbers(node, 1) ?? []
  const [off = 0, on = 1] = constantNumbers(node, 2) ?? []
  const rank = to.dims(result).length
  const axis = axisOf(number(node, 'axis', -1), rank)
  const positions = wrapped({ node, to }, depth)
  const scalar = (value: number): number => (to.dtype(result) === 'float32' ? to.floats([value]) : to.ints([value], []))
  const inputs = [positions, to.ints([depth], []), scalar(on), scalar(off)]
  to.put(
    result,
    to.emit('ONE_HOT', {
      inputs,
      dims: to.dims(result),
      dtype: to.dtype(result),
      options: { axis: axis === rank - 1 ? -1 : axis },
      name: result.name,
    }),
  )
  if (to.dims(indices).length === 0) throw new Unconvertible('one-hot of a scalar', 'Give the indices an axis.')
}

/** Indices counted from the end, counted from the front. */
function wrapped({ node, to }: Parameters<Lowering>[0], depth: number): number {
  const indices = input(node, 0)
  const dims = to.dims(indices)
  const plain = to.dtype(indices) === 'int32' ? to.plain(indices) : to.emit('CAST', { inputs: [to.plain(indices)], dims, dtype: 'int32' })
  const shifted = to.emit('ADD', { inputs: [plain, to.ints([depth], [])], dims, dtype: 'int32' })
  const negative = to.emit('LESS', { inputs: [plain, to.ints([0], [])], dims, dtype: 'bool' })
  return to.emit('SELECT_V2', { inputs: [negative, shifted, plain], dims, dtype: 'int32' })
}

const cumSum: Lowering = ({ node, to }) => {
  const [value, result] = [input(node, 0), output(node)]
  const dims = to.dims(value)
  const [axis = 0] = constantNumbers(node, 1) ?? []
  const options = { exclusive: number(node, 'exclusive', 0) === 1, reverse: number(node, 'reverse', 0) === 1 }
  to.put(
    result,
    to.emit('CUMSUM', {
      inputs: [to.plain(value), to.ints([axisOf(axis, dims.length)], [])],
      dims,
      dtype: to.dtype(result),
      options,
      name: result.name,
    }),
  )
}

export const indexing: Readonly<Record<string, Lowering>> = {
  GatherND: gatherNd,
  TopK: topK,
  OneHot: oneHot,
  CumSum: cumSum,
}
