import { axisOf, constantNumbers, input, number, output, text } from '../attributes.ts'
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

/** Indices as one number an element, then a Gather of the flattened value: exact for constant indices of any axis. */
const gatherElements: Lowering = ({ node, to }) => {
  const [value, result] = [input(node, 0), output(node)]
  const dims = to.dims(value)
  const axis = axisOf(number(node, 'axis', 0), dims.length)
  const shape = to.dims(result)
  const indices = constantNumbers(node, 1) as readonly number[]
  const flat = indices.map((index, at) => flatIndex({ at, shape, dims, axis, index: axisOf(index, dims[axis] as number) }))
  const count = dims.reduce((product, dim) => product * dim, 1)
  if (count < 0)
    throw new Unconvertible(
      'gathering elements of a shape that is known only at run time',
      'Fix the input shapes with freeze-shapes first.',
    )
  const line = to.reshape(to.plain(value), [count])
  to.put(
    result,
    to.emit('GATHER', {
      inputs: [line, to.ints(flat, shape)],
      dims: shape,
      dtype: to.dtype(result),
      options: { axis: 0 },
      name: result.name,
    }),
  )
}

interface Element {
  readonly at: number
  readonly shape: readonly number[]
  readonly dims: readonly number[]
  readonly axis: number
  readonly index: number
}

function flatIndex({ at, shape, dims, axis, index }: Element): number {
  let rest = at
  let flat = 0
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    const position = rest % (shape[i] as number)
    rest = Math.floor(rest / (shape[i] as number))
    flat += (i === axis ? index : position) * stride
    stride *= dims[i] as number
  }
  return flat
}

const scatterNd: Lowering = ({ node, to }) => {
  const [value, indices, updates, result] = [input(node, 0), input(node, 1), input(node, 2), output(node)]
  if (text(node, 'reduction', 'none') !== 'none')
    throw new Unconvertible(`ScatterND with the reduction '${text(node, 'reduction', 'none')}'`, 'Only plain ScatterND can be converted.')
  const dims = to.dims(result)
  const spec = { dims, dtype: to.dtype(result) }
  const [places, shape] = [to.plain(indices), to.ints(dims)]
  const scattered = to.emit('SCATTER_ND', { ...spec, inputs: [places, to.plain(updates), shape] })
  const ones = to.emit('FILL', { inputs: [to.ints(to.dims(updates)), to.ints([1], [])], dims: to.dims(updates), dtype: 'int32' })
  const counts = to.emit('SCATTER_ND', { dims, dtype: 'int32', inputs: [places, ones, shape] })
  const hit = to.emit('GREATER', { inputs: [counts, to.ints([0], [])], dims, dtype: 'bool' })
  to.put(result, to.emit('SELECT_V2', { ...spec, inputs: [hit, scattered, to.plain(value)], name: result.name }))
}

/** Top k along the last axis, which is where the runtime looks. */
const topK: Lowering = ({ node, to }) => {
  const value = input(node, 0)
  const dims = to.dims(value)
  const axis = axisOf(number(node, 'axis', -1), dims.length)
  if (axis !== dims.length - 1) throw new Unconvertible('TopK along another axis than the last', 'Transpose the value first.')
  if (number(node, 'largest', 1) !== 1)
    throw new Unconvertible('the smallest values are asked for', 'Negate the value and ask for the largest.')
  const k = constantNumbers(node, 1) as readonly number[]
  const outputs = node.outputs.map((result, i) =>
    to.tensor({
      name: result.name === '' ? `${value.name}/top${i}` : result.name,
      dtype: i === 0 ? to.dtype(value) : 'int32',
      shape: [...dims.slice(0, -1), k[0] as number],
    }),
  )
  to.emitTo('TOPK_V2', outputs, { inputs: [to.plain(value), to.ints([k[0] as number], [])] })
  node.outputs.forEach((result, i) => {
    if (result.name !== '') to.put(result, outputs[i] as number)
  })
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
  GatherElements: gatherElements,
  ScatterND: scatterNd,
  TopK: topK,
  OneHot: oneHot,
  CumSum: cumSum,
}
