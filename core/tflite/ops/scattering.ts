import { Arithmetic } from '../arithmetic.ts'
import { axisOf, constantNumbers, input, number, output, text } from '../attributes.ts'
import type { Lowering, LoweringContext } from '../conversion.ts'
import { stridesOf } from '../layout.ts'
import { refuseOpen, Unconvertible } from '../unconvertible.ts'

/** Indices into a value, counted from the front. */
function wrapped({ node, to }: LoweringContext, a: Arithmetic, size: number): number {
  return a.with('FLOOR_MOD', a.cast(to.plain(input(node, 1)), 'int32'), size)
}

/** Positions in the flattened value of the elements that indices along `axis` name: index * stride + where the element stands. */
function flatPositions(context: LoweringContext, a: Arithmetic, axis: number): number {
  const { node, to } = context
  const [dims, shape] = [to.dims(input(node, 0)), to.dims(input(node, 1))]
  refuseOpen(node, [...dims, ...shape])
  const strides = stridesOf(dims)
  const own = stridesOf(shape)
  const count = shape.reduce((product, dim) => product * dim, 1)
  const rest = Array.from({ length: count }, (_, at) =>
    shape.reduce((sum, dim, i) => (i === axis ? sum : sum + (Math.floor(at / (own[i] as number)) % dim) * (strides[i] as number)), 0),
  )
  const along = a.with('MUL', wrapped(context, a, dims[axis] as number), strides[axis] as number)
  return a.reshape(a.binary('ADD', along, to.ints(rest, shape)), [count])
}

const axisFor = ({ node, to }: LoweringContext): number => axisOf(number(node, 'axis', 0), to.dims(input(node, 0)).length)

const countOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1)

const gatherElements: Lowering = (context) => {
  const { node, to } = context
  const a = new Arithmetic(to)
  const positions = flatPositions(context, a, axisFor(context))
  const line = a.reshape(to.plain(input(node, 0)), [countOf(to.dims(input(node, 0)))])
  const inputs = [line, positions]
  const found = to.emit('GATHER', { inputs, dims: a.dims(positions), dtype: a.dtype(line), options: { axis: 0 } })
  to.put(output(node), a.reshape(found, to.dims(output(node))))
}

/** What is at the places that are written, and which those are: sums of updates (the runtime adds up duplicates) and how many there were. */
interface Scattered {
  readonly sum: number
  readonly hit: number
}

function scattered(
  { to }: LoweringContext,
  a: Arithmetic,
  { places, updates, dims }: { places: number; updates: number; dims: readonly number[] },
): Scattered {
  const shape = to.ints(dims)
  const sum = to.emit('SCATTER_ND', { inputs: [places, updates, shape], dims, dtype: a.dtype(updates) })
  const ones = to.constant(new Uint8Array(new Int32Array(countOf(a.dims(updates))).fill(1).buffer), {
    name: `ones ${a.dims(updates).join(' ')}`,
    dtype: 'int32',
    shape: a.dims(updates),
  })
  const counts = to.emit('SCATTER_ND', { inputs: [places, ones, shape], dims, dtype: 'int32' })
  return { sum, hit: a.compare('GREATER', counts, a.scalar(0, counts)) }
}

/** Plain writing, or adding; the runtime has no scattering that multiplies or compares. */
function merged(
  context: LoweringContext,
  a: Arithmetic,
  { value, ...spec }: { value: number; places: number; updates: number; dims: readonly number[] },
): number {
  const reduction = text(context.node, 'reduction', 'none')
  if (reduction === 'add') {
    const sum = context.to.emit('SCATTER_ND', {
      inputs: [spec.places, spec.updates, context.to.ints(spec.dims)],
      dims: spec.dims,
      dtype: a.dtype(spec.updates),
    })
    return a.binary('ADD', value, sum)
  }
  if (reduction !== 'none')
    throw new Unconvertible(`${context.node.opType} with the reduction '${reduction}'`, 'Only plain writing and adding can be converted.')
  const { sum, hit } = scattered(context, a, spec)
  return a.select(hit, sum, value)
}

const scatterElements: Lowering = (context) => {
  const { node, to } = context
  const a = new Arithmetic(to)
  const dims = to.dims(input(node, 0))
  const positions = flatPositions(context, a, axisFor(context))
  const [total, count] = [countOf(dims), a.dims(positions)[0] as number]
  const spec = {
    value: a.reshape(to.plain(input(node, 0)), [total]),
    places: a.reshape(positions, [count, 1]),
    updates: a.reshape(to.plain(input(node, 2)), [count]),
    dims: [total],
  }
  to.put(output(node), a.reshape(merged(context, a, spec), dims))
}

const scatterNd: Lowering = (context) => {
  const { node, to } = context
  const a = new Arithmetic(to)
  const dims = to.dims(output(node))
  refuseOpen(node, [dims, to.dims(input(node, 1)), to.dims(input(node, 2))].flat())
  const indices = a.cast(to.plain(input(node, 1)), 'int32')
  const depth = a.dims(indices).at(-1) as number
  const places = a.binary('FLOOR_MOD', indices, to.ints(dims.slice(0, depth)))
  to.put(output(node), merged(context, a, { value: to.plain(input(node, 0)), places, updates: to.plain(input(node, 2)), dims }))
}

/** Elements on or beyond a diagonal; the others are 0. */
const trilu: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const x = to.plain(input(node, 0))
  const [rows = 1, columns = 1] = a.dims(x).slice(-2)
  refuseOpen(node, [rows, columns])
  const offset = node.inputs[1] == null ? 0 : (constantNumbers(node, 1)?.[0] ?? 0)
  const upper = number(node, 'upper', 1) === 1
  const kept = Array.from({ length: rows * columns }, (_, i) => {
    const distance = (i % columns) - Math.floor(i / columns)
    return (upper ? distance >= offset : distance <= offset) ? 1 : 0
  })
  const mask = to.constant(Uint8Array.from(kept), { name: `triangle ${rows} ${columns} ${offset}`, dtype: 'bool', shape: [rows, columns] })
  to.put(output(node), a.select(mask, x, a.scalar(0, x)))
}

export const scattering: Readonly<Record<string, Lowering>> = {
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
  ScatterND: scatterNd,
  Trilu: trilu,
}
