import { Arithmetic } from '../arithmetic.ts'
import { axisOf, constantNumbers, input, number, output } from '../attributes.ts'
import type { Lowering } from '../conversion.ts'
import { Unconvertible } from '../unconvertible.ts'

/** GatherND: indices count from the end too, and with batch dimensions they become positions in the flattened value, for the runtime has neither. */
const gatherNd: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const [value, result] = [input(node, 0), output(node)]
  const dims = to.dims(value)
  const indices = a.cast(to.plain(input(node, 1)), 'int32')
  const depth = a.dims(indices).at(-1) as number
  const batch = number(node, 'batch_dims', 0)
  const indexed = dims.slice(batch, batch + depth)
  const places = indexed.includes(-1) ? indices : a.binary('FLOOR_MOD', indices, to.ints(indexed))
  const spec = { dims: to.dims(result), dtype: to.dtype(result), name: result.name }
  if (batch === 0) return to.put(result, to.emit('GATHER_ND', { ...spec, inputs: [to.plain(value), places] }))
  const around = [...dims.slice(0, batch + depth), ...a.dims(indices)]
  if (around.includes(-1))
    throw new Unconvertible('GatherND with batch dimensions that are known only at run time', 'Fix the batch with freeze-shapes first.')
  const sizeOf = (some: readonly number[]): number => some.reduce((product, dim) => product * dim, 1)
  const samples = sizeOf(dims.slice(0, batch))
  const each = sizeOf(a.dims(indices).slice(batch, -1))
  // The place in a sample, and where the sample begins.
  const strides = indexed.map((_, i) => sizeOf(indexed.slice(i + 1)))
  const inSample = a.reduce('SUM', a.binary('MUL', a.reshape(places, [samples, each, depth]), to.ints(strides)), [2], false)
  const begins = Array.from({ length: samples }, (_, i) => i * sizeOf(indexed))
  const flat = a.reshape(a.binary('ADD', inSample, to.ints(begins, [samples, 1])), [samples * each])
  const rows = a.reshape(to.plain(value), [samples * sizeOf(indexed), ...dims.slice(batch + depth)])
  const found = [samples * each, ...dims.slice(batch + depth)]
  const gathered = to.emit('GATHER', { inputs: [rows, flat], dims: found, dtype: to.dtype(result), options: { axis: 0 } })
  to.put(result, to.reshape(gathered, to.dims(result), result.name))
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

/** The first elements of each sequence backwards, as many as its length says. */
const reverseSequence: Lowering = ({ node, to }) => {
  const [value, result] = [input(node, 0), output(node)]
  const lengths = new Arithmetic(to).cast(to.plain(input(node, 1)), 'int32')
  const options = { seqDim: number(node, 'time_axis', 0), batchDim: number(node, 'batch_axis', 1) }
  const spec = { dims: to.dims(result), dtype: to.dtype(result), name: result.name, options }
  to.put(result, to.emit('REVERSE_SEQUENCE', { ...spec, inputs: [to.plain(value), lengths] }))
}

export const indexing: Readonly<Record<string, Lowering>> = {
  GatherND: gatherNd,
  TopK: topK,
  OneHot: oneHot,
  CumSum: cumSum,
  ReverseSequence: reverseSequence,
}
