import { Arithmetic } from '../arithmetic.ts'
import { attributeOrInput, axisOf, constantNumbers, input, number, numbers, output, text } from '../attributes.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import { type Perm, samePerm, store, storedAxis } from '../layout.ts'
import { refuseOpen, Unconvertible } from '../unconvertible.ts'
import { viewOf } from '../views.ts'
import { aligned, commonPerm } from './elementwise.ts'

/** Reshape and its kind (Flatten, Squeeze, Unsqueeze): where the value lies if its axes allow it, else in ONNX order. */
const reshape: Lowering = ({ node, to }) => {
  const [value, result] = [input(node, 0), output(node)]
  const dims = to.dims(result)
  const { perm } = to.placed(value)
  const view = perm === null ? null : viewOf(to.dims(value), perm, dims)
  if (view !== null) return to.put(result, to.reshape(to.stored(value, view.from), view.shape, result.name), view.perm)
  to.put(result, to.reshape(to.plain(value), dims, result.name))
}

/** A Transpose is a change of order that the next reader may undo: nothing is moved until someone needs it. */
const transpose: Lowering = ({ node, to }) => {
  const value = input(node, 0)
  const rank = to.dims(value).length
  const order = numbers(node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i)
  const { tensor, perm } = to.placed(value)
  const stored = (perm ?? Array.from({ length: rank }, (_, i) => i)).map((axis) => order.indexOf(axis))
  to.put(output(node), tensor, stored.every((axis, i) => axis === i) ? null : stored)
}

const concat: Lowering = ({ node, to }) => {
  const inputs = node.inputs.filter((value) => value !== null)
  const dims = to.dims(output(node))
  const perm = commonPerm(to, inputs, dims.length)
  const axis = storedAxis(axisOf(number(node, 'axis', 0), dims.length), perm)
  const filled = inputs.filter((value) => !to.dims(value).includes(0))
  const tensors = filled.map((value) => to.stored(value, perm))
  to.put(
    output(node),
    to.emit('CONCATENATION', {
      inputs: tensors,
      dims: store(dims, perm),
      dtype: to.dtype(output(node)),
      options: { axis },
      name: output(node).name,
    }),
    perm,
  )
}

const split: Lowering = ({ node, to }) => {
  const value = input(node, 0)
  const { tensor, perm } = to.placed(value)
  const axis = axisOf(number(node, 'axis', 0), to.dims(value).length)
  refuseOpen(node, [to.dims(value)[axis] as number])
  const dtype = to.dtype(value)
  const { quantization } = to.tensorAt(tensor)
  const outputs = node.outputs.map((result) => to.tensor({ name: result.name, dtype, shape: store(to.dims(result), perm), quantization }))
  const sizes = node.outputs.map((result) => to.dims(result)[axis] as number)
  to.emitTo('SPLIT_V', outputs, {
    inputs: [tensor, to.ints(sizes), to.ints([storedAxis(axis, perm)], [])],
    options: { numSplits: sizes.length },
  })
  node.outputs.forEach((result, i) => {
    to.put(result, outputs[i] as number, perm)
  })
}

/** Slice as STRIDED_SLICE, which takes begin, end and step for every axis; masks say where an end is the axis's own. */
const slice: Lowering = ({ node, to }) => {
  const value = input(node, 0)
  const dims = to.dims(value)
  const starts = attributeOrInput(node, 'starts', 1) ?? []
  const ends = attributeOrInput(node, 'ends', 2) ?? []
  const axes = (attributeOrInput(node, 'axes', 3) ?? starts.map((_, i) => i)).map((axis) => axisOf(axis, dims.length))
  const steps = constantNumbers(node, 4) ?? starts.map(() => 1)
  const { tensor, perm } = to.placed(value)
  const window = dims.map((dim, axis) => rangeOf(dim, axes.indexOf(axis), { starts, ends, steps }))
  const stored = store(window, perm)
  const mask = (pick: (range: Range) => boolean): number => stored.reduce((bits, range, i) => bits | (pick(range) ? 1 << i : 0), 0)
  const made = to.emit('STRIDED_SLICE', {
    inputs: [
      tensor,
      to.ints(stored.map((range) => range.begin)),
      to.ints(stored.map((range) => range.end)),
      to.ints(stored.map((range) => range.step)),
    ],
    dims: store(to.dims(output(node)), perm),
    dtype: to.dtype(value),
    options: { beginMask: mask((range) => range.fromStart), endMask: mask((range) => range.toEnd) },
    name: output(node).name,
  })
  to.put(output(node), made, perm)
}

interface Range {
  readonly begin: number
  readonly end: number
  readonly step: number
  readonly fromStart: boolean
  readonly toEnd: boolean
}

interface SliceLists {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly steps: readonly number[]
}

/** One axis of a Slice, clamped as ONNX says; `at` is its place in the lists, -1 when it is not cut. */
function rangeOf(dim: number, at: number, { starts, ends, steps }: SliceLists): Range {
  if (at < 0) return { begin: 0, end: 0, step: 1, fromStart: true, toEnd: true }
  const [start = 0, end = 0, step = 1] = [starts[at], ends[at], steps[at]]
  if (dim < 0) {
    if (step < 0 || start !== 0 || end < 2 ** 31 - 1)
      throw new Unconvertible('a slice of the dimension that is known only at run time', 'Fix the batch with freeze-shapes first.')
    return { begin: 0, end: 0, step, fromStart: true, toEnd: true }
  }
  const clamp = (index: number, low: number, high: number): number => Math.max(low, Math.min(high, index < 0 ? index + dim : index))
  if (step > 0) return { begin: clamp(start, 0, dim), end: clamp(end, 0, dim), step, fromStart: false, toEnd: false }
  const begin = clamp(start, 0, dim - 1)
  const stop = clamp(end, -1, dim - 1)
  return { begin, end: stop, step, fromStart: false, toEnd: stop < 0 }
}

const gather: Lowering = ({ node, to }) => {
  const [value, result] = [input(node, 0), output(node)]
  const axis = axisOf(number(node, 'axis', 0), to.dims(value).length)
  const positions = nonNegative({ node, to }, to.dims(value)[axis] as number)
  const { tensor, perm } = to.placed(value)
  const stored = gathered(perm, { axis, added: to.dims(input(node, 1)).length })
  to.put(
    result,
    to.emit('GATHER', {
      inputs: [tensor, positions],
      dims: store(to.dims(result), stored),
      dtype: to.dtype(result),
      options: { axis: storedAxis(axis, perm) },
      name: result.name,
    }),
    stored,
  )
}

/** The order of axes once `added` axes of positions have taken the place of one. */
function gathered(perm: Perm, { axis, added }: { axis: number; added: number }): Perm {
  if (perm === null) return null
  const moved = perm.flatMap((each) => {
    if (each === axis) return Array.from({ length: added }, (_, i) => axis + i)
    return [each < axis ? each : each + added - 1]
  })
  return moved.every((each, i) => each === i) ? null : moved
}

/** Indices counted from the end are counted from the front: constants at once, computed ones when the model runs. */
function nonNegative({ node, to }: LoweringContext, size: number): number {
  const indices = input(node, 1)
  const known = indices.constant === null ? null : constantNumbers(node, 1)
  if (known === null) return wrapped({ node, to }, size)
  if (size < 0 && known.some((index) => index < 0))
    throw new Unconvertible(
      'an index from the end of a dimension that is known only at run time',
      'Fix the batch with freeze-shapes first.',
    )
  return to.ints(
    known.map((index) => axisOf(index, size)),
    to.dims(indices),
  )
}

/** Computed indices, wrapped around the size of the axis, which may be known only when the model runs. */
function wrapped({ node, to }: LoweringContext, size: number): number {
  const a = new Arithmetic(to)
  const indices = a.cast(to.plain(input(node, 1)), 'int32')
  if (size >= 0) return a.with('FLOOR_MOD', indices, size)
  const value = input(node, 0)
  const rank = to.dims(value).length
  const axis = axisOf(number(node, 'axis', 0), rank)
  const shape = to.emit('SHAPE', { inputs: [to.plain(value)], dims: [rank], dtype: 'int32', options: { outType: 2 } })
  return a.binary('FLOOR_MOD', indices, a.slice(shape, { axis: 0, begin: axis, end: axis + 1 }))
}

const padding: Lowering = ({ node, to }) => {
  const value = input(node, 0)
  const dims = to.dims(value)
  const given = attributeOrInput(node, 'pads', 1) ?? []
  const axes = (constantNumbers(node, 3) ?? dims.map((_, i) => i)).map((axis) => axisOf(axis, dims.length))
  const amounts = dims.map((_, axis): readonly [number, number] => {
    const at = axes.indexOf(axis)
    return at < 0 ? [0, 0] : [given[at] ?? 0, given[at + axes.length] ?? 0]
  })
  const { tensor: whole, perm } = to.placed(value)
  const mode = text(node, 'mode', 'constant')
  const cuts = amounts.flat().some((amount) => amount < 0)
  if (cuts && mode !== 'constant') throw new Unconvertible(`negative padding of the kind '${mode}'`, 'Write it as a Slice.')
  const tensor = cuts ? cutOff(to, whole, store(amounts, perm)) : whole
  if (mode === 'edge' || mode === 'wrap') return to.put(output(node), byPosition(to, tensor, { amounts: store(amounts, perm), mode }), perm)
  const spec = { dims: store(to.dims(output(node)), perm), dtype: to.dtype(value), name: output(node).name }
  const around = to.ints(
    store(amounts, perm).flatMap((pair) => pair.map((amount) => Math.max(0, amount))),
    [dims.length, 2],
  )
  to.put(output(node), padded(to, { mode, fill: fillOf({ node, to }), inputs: [tensor, around], spec }), perm)
}

/** What negative padding takes away. */
function cutOff(to: Conversion, tensor: number, amounts: readonly (readonly [number, number])[]): number {
  const a = new Arithmetic(to)
  return amounts.reduce((result, [before, after], axis) => {
    if (before >= 0 && after >= 0) return result
    return a.slice(result, { axis, begin: Math.max(0, -before), end: (a.dims(result)[axis] as number) - Math.max(0, -after) })
  }, tensor)
}

/** Padding that repeats elements of the value, axis by axis. */
function byPosition(
  to: Conversion,
  tensor: number,
  { amounts, mode }: { amounts: readonly (readonly [number, number])[]; mode: 'edge' | 'wrap' },
): number {
  const a = new Arithmetic(to)
  return amounts.reduce((result, [before, after], axis) => {
    if (before === 0 && after === 0) return result
    const size = a.dims(result)[axis] as number
    const at = (i: number): number => (mode === 'edge' ? Math.max(0, Math.min(size - 1, i)) : ((i % size) + size) % size)
    return a.gather(
      result,
      Array.from({ length: before + size + after }, (_, i) => at(i - before)),
      axis,
    )
  }, tensor)
}

const fillOf = ({ node }: LoweringContext): number => {
  const value = node.inputs[2] ?? null
  return value === null ? number(node, 'value', 0) : (constantNumbers(node, 2)?.[0] ?? 0)
}

interface PadSpec {
  readonly mode: string
  readonly fill: number
  readonly inputs: readonly number[]
  readonly spec: { readonly dims: readonly number[]; readonly dtype: ReturnType<Conversion['dtype']>; readonly name: string }
}

function padded(to: Conversion, { mode, fill, inputs, spec }: PadSpec): number {
  if (mode === 'reflect') return to.emit('MIRROR_PAD', { ...spec, inputs, options: { mode: 0 } })
  if (mode !== 'constant')
    throw new Unconvertible(`padding of the kind '${mode}'`, 'Only constant and reflecting padding can be converted.')
  if (fill === 0) return to.emit('PAD', { ...spec, inputs })
  const constant = spec.dtype === 'float32' ? to.floats([fill]) : to.ints([fill], [])
  return to.emit('PADV2', { ...spec, inputs: [...inputs, constant] })
}

const expand: Lowering = ({ node, to }) => {
  const [value, result] = [input(node, 0), output(node)]
  const dims = to.dims(result)
  if (dims.some((dim) => dim < 0)) {
    const inputs = [to.plain(value), expandedShape({ node, to })]
    return to.put(result, to.emit('BROADCAST_TO', { inputs, dims, dtype: to.dtype(result), name: result.name }))
  }
  if (samePerm(to.dims(value), dims)) return to.put(result, to.placed(value).tensor, to.placed(value).perm)
  const perm = commonPerm(to, [value], dims.length)
  const shape = store(dims, perm)
  const inputs = [aligned(to, value, dims.length, perm), to.ints(shape)]
  to.put(result, to.emit('BROADCAST_TO', { inputs, dims: shape, dtype: to.dtype(result), name: result.name }), perm)
}

/** A computed shape may say 1 where the value has more, and stays behind then; the runtime wants the shape of the result. */
function expandedShape({ node, to }: LoweringContext): number {
  const [own, rank] = [to.dims(input(node, 0)), to.dims(input(node, 1))[0] as number]
  if (own.length > rank || own.some((dim) => dim < 0))
    throw new Unconvertible(
      'an expansion of a value of open size, or of more axes than its shape',
      'Fix the batch: leave out --dynamic-batch.',
    )
  const padded = [...new Array<number>(rank - own.length).fill(1), ...own]
  return new Arithmetic(to).binary('MAXIMUM', to.plain(input(node, 1)), to.ints(padded))
}

const tile: Lowering = ({ node, to }) => {
  const { tensor, perm } = to.placed(input(node, 0))
  const repeats = constantNumbers(node, 1) ?? []
  const dims = store(to.dims(output(node)), perm as Perm)
  to.put(
    output(node),
    to.emit('TILE', { inputs: [tensor, to.ints(store(repeats, perm))], dims, dtype: to.dtype(output(node)), name: output(node).name }),
    perm,
  )
}

export const movement: Readonly<Record<string, Lowering>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  Pad: padding,
  Expand: expand,
  Tile: tile,
}
