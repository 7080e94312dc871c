import type { Conversion, EmitSpec } from './conversion.ts'
import { mergedAxes } from './layout.ts'
import type { Builtin } from './operators.ts'
import { Unconvertible } from './unconvertible.ts'

/** Most axes that kernels take while they broadcast. Past that they give wrong numbers, some without a word. */
const broadcastLimits: { readonly [operator in Builtin]?: number } = {
  ...{ ADD: 6, MUL: 6, SUB: 5, DIV: 5, MAXIMUM: 5, MINIMUM: 5, SELECT_V2: 5, POW: 4, PRELU: 4, SQUARED_DIFFERENCE: 4, FLOOR_MOD: 4 },
  ...{ FLOOR_DIV: 4, BITWISE_XOR: 4, LOGICAL_AND: 4, LOGICAL_OR: 4 },
  ...{ EQUAL: 4, NOT_EQUAL: 4, GREATER: 4, GREATER_EQUAL: 4, LESS: 4, LESS_EQUAL: 4 },
}

/** Most axes of BROADCAST_TO. */
const mostAxes = 8

/** Most axes of kernels that move elements or multiply matrices. */
const limits: { readonly [operator in Builtin]?: number } = {
  ...{ TRANSPOSE: 6, SLICE: 5, STRIDED_SLICE: 5, PAD: 5, PADV2: 5, BATCH_MATMUL: 5, SOFTMAX: 6, LOG_SOFTMAX: 6, CONCATENATION: 6 },
  ...{ MEAN: 6, SUM: 6, REDUCE_MAX: 6, REDUCE_MIN: 6, REDUCE_PROD: 6, REDUCE_ANY: 6, REDUCE_ALL: 6 },
}

export interface Emission extends Pick<EmitSpec, 'inputs' | 'options'> {
  readonly operator: Builtin
  readonly outputs: readonly number[]
}

/**
 * The same work over fewer axes, where a kernel does not take as many as its tensors have: neighbours that are treated alike become one axis,
 * and the result gets its shape back. `false` when the operator can be emitted as it is. Throws `Unconvertible` when too many axes remain.
 */
export function withFewerAxes(to: Conversion, emission: Emission): boolean {
  const { operator, inputs } = emission
  const most = broadcastLimits[operator]
  if (most !== undefined) return broadcasting(to, emission, most)
  const rank = to.tensorAt(inputs[0] as number).shape.length
  const limit = limits[operator]
  if (limit === undefined || rank <= limit) return false
  giveBack(to, emission, (ways[operator] ?? reduced)(to, emission))
  return true
}

function broadcasting(to: Conversion, emission: Emission, most: number): boolean {
  const { operator, inputs, options } = emission
  const dims = to.tensorAt(emission.outputs[0] as number).shape
  const shapes = inputs.map((each) => padded(to.tensorAt(each).shape, dims.length))
  if (dims.length <= most || shapes.every((shape) => shape.join() === dims.join())) return false
  const groups = alikeGroups(dims, shapes)
  const whole = groups.map((group) => sizeOf(group, dims))
  const low = inputs.map((each, i) => to.reshape(each, foldedShape(groups, shapes[i] as readonly number[], dims.length - rankOf(to, each))))
  const spread = whole.length <= most ? low : low.map((each) => spreadTo(to, each, whole))
  const { dtype, quantization } = to.tensorAt(emission.outputs[0] as number)
  giveBack(
    to,
    emission,
    to.emit(operator, { inputs: spread, dims: whole, dtype, quantization, ...(options === undefined ? {} : { options }) }),
  )
  return true
}

const rankOf = (to: Conversion, tensor: number): number => to.tensorAt(tensor).shape.length

const padded = (shape: readonly number[], rank: number): number[] => [...new Array<number>(rank - shape.length).fill(1), ...shape]

/** Axes that neighbour and in which each input has either the whole size or 1 throughout. Axes of size 1 join any. */
function alikeGroups(dims: readonly number[], shapes: readonly (readonly number[])[]): number[][] {
  const kindOf = (axis: number): string => shapes.map((shape) => (shape[axis] === dims[axis] ? '=' : '1')).join('')
  const groups: { axes: number[]; kind: string | null }[] = []
  dims.forEach((dim, axis) => {
    const kind = dim === 1 ? null : kindOf(axis)
    const last = groups.at(-1)
    if (last !== undefined && (kind === null || last.kind === null || last.kind === kind)) {
      last.axes.push(axis)
      last.kind ??= kind
    } else groups.push({ axes: [axis], kind })
  })
  return groups.map(({ axes }) => axes)
}

/** Elements along some axes of a shape, -1 where one of them is known only at run time. */
function sizeOf(group: readonly number[], shape: readonly number[]): number {
  const sizes = group.map((axis) => shape[axis] as number)
  return sizes.includes(-1) ? -1 : sizes.reduce((product, size) => product * size, 1)
}

/** A shape with its axes folded; leading 1s that the input does not have itself stay out. */
function foldedShape(groups: readonly (readonly number[])[], shape: readonly number[], missing: number): number[] {
  return groups.filter((group) => (group.at(-1) as number) >= missing).map((group) => sizeOf(group, shape))
}

function spreadTo(to: Conversion, tensor: number, dims: readonly number[]): number {
  const { shape, dtype, quantization } = to.tensorAt(tensor)
  if (dims.length > mostAxes || dims.includes(-1)) throw tooMany(dims.length)
  if (shape.join() === dims.join()) return tensor
  return to.emit('BROADCAST_TO', { inputs: [tensor, to.ints(dims)], dims, dtype, quantization })
}

function transposed(to: Conversion, { inputs }: Emission): number {
  const [source, order] = inputs as [number, number]
  const { shape, dtype, quantization } = to.tensorAt(source)
  const { dims, perm } = mergedAxes(shape, to.intsIn(order))
  if (dims.length > (limits.TRANSPOSE as number) || shape.includes(-1)) throw tooMany(shape.length)
  const moved = perm.map((axis) => dims[axis] as number)
  return to.emit('TRANSPOSE', { inputs: [to.reshape(source, dims), to.ints(perm)], dims: moved, dtype, quantization })
}

/** The batch axes of a matrix product, folded. */
function multiplied(to: Conversion, { operator, inputs, outputs, options }: Emission): number {
  const { shape, dtype, quantization } = to.tensorAt(outputs[0] as number)
  const batch = shape.slice(0, -2)
  const shapes = inputs.map((each) => padded(to.tensorAt(each).shape, shape.length))
  const groups = alikeGroups(
    batch,
    shapes.map((each) => each.slice(0, -2)),
  )
  if (groups.length > (limits.BATCH_MATMUL as number) - 2) throw tooMany(shape.length)
  const fold = (each: readonly number[]): number[] => [...groups.map((group) => sizeOf(group, each)), ...each.slice(-2)]
  const low = inputs.map((each, i) => to.reshape(each, fold(shapes[i] as readonly number[])))
  return to.emit(operator, { inputs: low, dims: fold(shape), dtype, quantization, ...(options === undefined ? {} : { options }) })
}

/** Neighbours that are all reduced, or all kept, as one axis. */
function reduced(to: Conversion, { operator, inputs, outputs }: Emission): number {
  const [source, list] = inputs as [number, number]
  const { shape } = to.tensorAt(source)
  const axes = to.intsIn(list)
  const groups: { axes: number[]; goes: boolean }[] = []
  shape.forEach((_, axis) => {
    const goes = axes.includes(axis)
    const last = groups.at(-1)
    if (last !== undefined && last.goes === goes) last.axes.push(axis)
    else groups.push({ axes: [axis], goes })
  })
  const low = groups.map((group) => sizeOf(group.axes, shape))
  if (groups.length > (limits[operator] as number)) throw tooMany(shape.length)
  const gone = groups.flatMap(({ goes }, i) => (goes ? [i] : []))
  const { dtype, quantization } = to.tensorAt(outputs[0] as number)
  const dims = low.filter((_, i) => !gone.includes(i))
  return to.emit(operator, { inputs: [to.reshape(source, low), to.ints(gone)], dims, dtype, quantization, options: { keepDims: false } })
}

/** Along the last axis: all others are rows. */
function rows(to: Conversion, { operator, inputs, outputs, options = {} }: Emission): number {
  const { shape } = to.tensorAt(inputs[0] as number)
  const others = shape.slice(0, -1).map((_, axis) => axis)
  const dims = [sizeOf(others, shape), shape.at(-1) as number]
  const { dtype, quantization } = to.tensorAt(outputs[0] as number)
  return to.emit(operator, { inputs: [to.reshape(inputs[0] as number, dims)], dims, dtype, quantization, options })
}

/** What lies before the axis of a join, the axis, and what lies behind it. */
function joined(to: Conversion, { operator, inputs, outputs, options = {} }: Emission): number {
  const axis = Number(options.axis ?? 0)
  const fold = (shape: readonly number[]): number[] => {
    const all = shape.map((_, at) => at)
    return [sizeOf(all.slice(0, axis), shape), shape[axis] as number, sizeOf(all.slice(axis + 1), shape)]
  }
  const { shape, dtype, quantization } = to.tensorAt(outputs[0] as number)
  const low = inputs.map((each) => to.reshape(each, fold(to.tensorAt(each).shape)))
  return to.emit(operator, { inputs: low, dims: fold(shape), dtype, quantization, options: { ...options, axis: 1 } })
}

/** What a slice or a padding does along one axis: numbers as its inputs have them, `null` where it leaves the axis as it is. */
type AxisWork = readonly number[] | null

/** Slices and paddings: axes that they leave alone are folded into one where they neighbour. */
function cut(to: Conversion, { operator, inputs, outputs, options = {} }: Emission): number {
  const [source = 0, ...rest] = inputs
  const { shape, dtype, quantization } = to.tensorAt(source)
  const pads = operator === 'PAD' || operator === 'PADV2'
  const lists = (pads ? rest.slice(0, 1) : rest).map((each) => to.intsIn(each))
  const masked = (name: 'beginMask' | 'endMask', axis: number): boolean => (Number(options[name] ?? 0) & (1 << axis)) !== 0
  const work = shape.map((dim, axis): AxisWork => {
    if (pads) return pairAt(lists[0] as number[], axis)
    const [begin = 0, end = 0, step = 1] = lists.map((list) => list[axis] as number)
    if (operator === 'SLICE') return begin === 0 && end === dim ? null : [begin, end]
    const isWhole = (begin === 0 || masked('beginMask', axis)) && (end === dim || masked('endMask', axis)) && step === 1
    return isWhole ? null : [begin, masked('endMask', axis) ? (step < 0 ? -dim - 1 : dim) : end, step]
  })
  const groups: { axes: number[]; work: AxisWork }[] = []
  work.forEach((each, axis) => {
    const last = groups.at(-1)
    if (each === null && last !== undefined && last.work === null) last.axes.push(axis)
    else groups.push({ axes: [axis], work: each })
  })
  if (groups.length > (limits[operator] as number) || shape.includes(-1)) throw tooMany(shape.length)
  const fold = (dims: readonly number[]): number[] => groups.map(({ axes }) => sizeOf(axes, dims))
  const low = fold(shape)
  const idle = (dim: number): readonly number[] => (pads ? [0, 0] : operator === 'SLICE' ? [0, dim] : [0, dim, 1])
  const amounts = groups.map((group, i) => group.work ?? idle(low[i] as number))
  const numbers = pads
    ? [to.ints(amounts.flat(), [groups.length, 2]), ...rest.slice(1)]
    : lists.map((_, at) => to.ints(amounts.map((each) => each[at] as number)))
  const dims = fold(to.tensorAt(outputs[0] as number).shape)
  return to.emit(operator, { inputs: [to.reshape(source, low), ...numbers], dims, dtype, quantization })
}

function pairAt(list: readonly number[], axis: number): AxisWork {
  const pair = [list[2 * axis] as number, list[2 * axis + 1] as number]
  return pair.every((each) => each === 0) ? null : pair
}

const ways: { readonly [operator in Builtin]?: (to: Conversion, emission: Emission) => number } = {
  ...{ TRANSPOSE: transposed, BATCH_MATMUL: multiplied, SLICE: cut, STRIDED_SLICE: cut, PAD: cut, PADV2: cut },
  ...{ SOFTMAX: rows, LOG_SOFTMAX: rows, CONCATENATION: joined },
}

/** The result in the shape that was asked for. */
function giveBack(to: Conversion, { outputs }: Emission, made: number): void {
  const [output = 0] = outputs
  const { shape } = to.tensorAt(output)
  to.emitTo('RESHAPE', [output], { inputs: [made, to.ints(shape)], options: { newShape: shape } })
}

const tooMany = (axes: number): Unconvertible =>
  new Unconvertible(`an operator over ${axes} axes, of which the runtime takes no such`, 'Reshape to fewer axes first.')
