import { intsOf } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import type { Dim, Shape, Value } from '../../ir/value.ts'
import { addDims, divideDims, isAtLeast, minimumDim, productOf, sameDim, subtractDims } from '../dim.ts'
import { type Known, longestKnown, numbersIn, rearranged, stridesOf } from '../known.ts'
import { attribute, axisOf, type Call, type Family, type Follow, type Infer, tensor, unknownOf } from '../operator.ts'

const gather: Infer = (call) => {
  const [data, indices] = [call.shape(0), call.shape(1)]
  if (data === null || indices === null) return [tensor(call.dtype(0), null)]
  const axis = axisOf(attribute(call, 'axis', 0), data.length)
  return [tensor(call.dtype(0), axis === null ? null : [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)])]
}

const followGather: Follow = (call) => {
  const data = call.known(0)
  const indices = call.known(1)
  const chosen = numbersIn(indices)
  if (data === null || indices === null || chosen === null || data.dims.length !== 1) return null
  const length = data.entries.length
  const entries = chosen.map((index) => data.entries[index < 0 ? index + length : index] ?? null)
  return entries.length > longestKnown ? null : { dtype: data.dtype, dims: indices.dims, entries }
}

interface Cut {
  readonly axis: number
  readonly start: Dim
  readonly end: Dim
  readonly step: number
}

/** What a Slice cuts, one entry an axis; `null` when axes or steps are not known. */
function cutsOf(call: Call, rank: number): readonly Cut[] | null {
  const given = (input: number, name: string): readonly Dim[] | null => {
    if (call.opset < 10) return intsOf(call.node, name)
    return call.has(input) ? (call.known(input)?.entries ?? null) : null
  }
  const length = lengthOf(call)
  if (length === null) return null
  const starts = given(1, 'starts') ?? unknownOf(length)
  const ends = given(2, 'ends') ?? unknownOf(length)
  const axes = call.has(3) || call.opset < 10 ? given(3, 'axes') : null
  const steps = call.has(4) ? given(4, 'steps') : null
  if ((call.has(3) && axes === null) || (call.has(4) && steps === null)) return null
  const cuts: Cut[] = []
  for (let i = 0; i < length; i++) {
    const axis = axisOf(Number(axes?.[i] ?? i), rank)
    const step = steps?.[i] ?? 1
    if (axis === null || typeof step !== 'number' || step === 0) return null
    cuts.push({ axis, start: starts[i] ?? null, end: ends[i] ?? null, step })
  }
  return cuts
}

function lengthOf(call: Call): number | null {
  if (call.opset < 10) return intsOf(call.node, 'starts')?.length ?? null
  for (const input of [1, 2, 3]) {
    const length = call.known(input)?.entries.length ?? call.shape(input)?.[0]
    if (typeof length === 'number') return length
  }
  return null
}

/** Exporters write "to the end" as the largest whole number of some type, or as 10^9; no axis is that long. */
const farEnd = 1e9

/** A bound of a slice, counted from the front and kept inside of the axis. */
function bound(given: Dim, size: Dim, step: number): Dim {
  const last = step > 0 ? size : subtractDims(size, 1)
  if (given === null) return null
  if (typeof given === 'string')
    return sameDim(given, size) ? last : certainlyInside(given, size) ? given : step > 0 ? minimumDim(given, size) : null
  if (given >= farEnd) return last
  if (given <= -farEnd) return step > 0 ? 0 : -1
  if (typeof size === 'number') return given >= 0 ? Math.min(given, last as number) : Math.max(given + size, step > 0 ? 0 : -1)
  if (given >= 0) return given === 0 || isAtLeast(size, step > 0 ? given : given + 1) ? given : null
  return isAtLeast(size, -given) ? addDims(size, given) : null
}

/** Whether `part` is one summand of `whole`, both sizes: then it lies inside. */
function certainlyInside(part: string, whole: Dim): boolean {
  const rest = subtractDims(whole, part)
  return typeof rest === 'number' ? rest >= 0 : typeof rest === 'string' && !rest.includes('-')
}

function cutSize(cut: Cut, size: Dim): Dim {
  const start = bound(cut.start, size, cut.step)
  const end = bound(cut.end, size, cut.step)
  // "All but the last k" and "the last k" of an axis whose size is a symbol.
  const span = cut.step > 0 ? subtractDims(end, start) : subtractDims(start, end)
  if (typeof span === 'number') return Math.max(0, Math.ceil(span / Math.abs(cut.step)))
  if (span === null) return null
  return Math.abs(cut.step) === 1 ? span : divideDims(addDims(span, Math.abs(cut.step) - 1), Math.abs(cut.step))
}

function sliceShape(call: Call): Shape {
  const from = call.shape(0)
  if (from === null) return null
  const cuts = cutsOf(call, from.length)
  if (cuts === null) return unknownOf(from.length)
  const shape = [...from]
  for (const cut of cuts) shape[cut.axis] = cutSize(cut, from[cut.axis] ?? null)
  return shape
}

const followSlice: Follow = (call) => {
  const data = call.known(0)
  if (data === null) return null
  const cuts = cutsOf(call, data.dims.length)
  const dims = sliceShape(call)
  if (cuts === null || dims === null || dims.some((dim) => typeof dim !== 'number')) return null
  const strides = stridesOf(data.dims)
  const starts = data.dims.map(() => 0)
  const steps = data.dims.map(() => 1)
  for (const cut of cuts) {
    const start = bound(cut.start, data.dims[cut.axis] ?? null, cut.step)
    if (typeof start !== 'number') return null
    starts[cut.axis] = start
    steps[cut.axis] = cut.step
  }
  return rearranged(data, dims as readonly number[], (index) =>
    index.reduce((sum, at, axis) => sum + ((starts[axis] as number) + at * (steps[axis] as number)) * (strides[axis] as number), 0),
  )
}

/** Sizes of the parts of a Split: given, or equal ones. */
function splitSizes(call: Call, size: Dim): readonly Dim[] {
  const given = call.opset >= 13 ? (call.has(1) ? (call.known(1)?.entries ?? null) : undefined) : (intsOf(call.node, 'split') ?? undefined)
  const count = call.node.outputs.length
  if (given === null) return unknownOf(count)
  if (given !== undefined) return given
  if (typeof size !== 'number') return new Array<Dim>(count).fill(exactShare(size, count))
  const part = Math.ceil(size / count)
  return Array.from({ length: count }, (_, i) => Math.min(part, size - i * part))
}

function exactShare(size: Dim, count: number): Dim {
  const share = divideDims(size, count)
  return typeof share === 'string' && share.startsWith('floor') ? null : share
}

const split: Infer = (call) => {
  const from = call.shape(0)
  const axis = from === null ? null : axisOf(attribute(call, 'axis', 0), from.length)
  if (from === null || axis === null) return call.node.outputs.map(() => tensor(call.dtype(0), null))
  return splitSizes(call, from[axis] ?? null).map((part) =>
    tensor(
      call.dtype(0),
      from.map((dim, i) => (i === axis ? part : dim)),
    ),
  )
}

function followSplit(call: Call): readonly (Known | null)[] {
  const data = call.known(0)
  const none = call.node.outputs.map(() => null)
  if (data === null || data.dims.length !== 1) return none
  const sizes = splitSizes(call, data.entries.length)
  if (sizes.some((size) => typeof size !== 'number')) return none
  let from = 0
  return (sizes as readonly number[]).map((size) => {
    from += size
    return { dtype: data.dtype, dims: [size], entries: data.entries.slice(from - size, from) }
  })
}

const gatherNd: Infer = (call) => {
  const [data, indices] = [call.shape(0), call.shape(1)]
  const depth = indices?.at(-1)
  if (data === null || indices === null || typeof depth !== 'number') return [tensor(call.dtype(0), null)]
  return [tensor(call.dtype(0), [...indices.slice(0, -1), ...data.slice(attribute(call, 'batch_dims', 0) + depth)])]
}

const topK: Infer = (call) => {
  const from = call.shape(0)
  const axis = from === null ? null : axisOf(attribute(call, 'axis', -1), from.length)
  const count = call.opset >= 10 ? (call.known(1)?.entries[0] ?? null) : attribute(call, 'k', 0)
  const shape = from === null ? null : from.map((dim, i) => (i === axis ? count : dim))
  return [tensor(call.dtype(0), shape), tensor('int64', shape)]
}

const oneHot: Infer = (call) => {
  const indices = call.shape(0)
  if (indices === null) return [tensor(call.dtype(2), null)]
  const axis = axisOf(attribute(call, 'axis', -1), indices.length + 1) ?? indices.length
  const depth = call.known(1)?.entries[0] ?? null
  return [tensor(call.dtype(2), [...indices.slice(0, axis), depth, ...indices.slice(axis)])]
}

/** A place for each element that is not 0: as many as the data say, but all of them where one number other than 0 fills the tensor. */
const nonZero: Infer = (call) => {
  const shape = call.shape(0)
  const known = numbersIn(call.known(0))
  const count = known?.filter((entry) => entry !== 0).length ?? (isFilled(call.node.inputs[0] ?? null) ? productOf(shape ?? [null]) : null)
  return [tensor('int64', [shape?.length ?? null, count])]
}

/** Whether a ConstantOfShape fills a value with something other than 0; exporters count positions so. */
function isFilled(value: Value | null): boolean {
  const fill = value?.producer?.opType === 'ConstantOfShape' ? value.producer.attributes.get('value') : undefined
  return fill?.type === 'tensor' && numbersOf(fill.value)[0] !== 0
}

export const selection: Family = {
  Gather: { infer: gather, follow: followGather },
  GatherElements: { infer: (call) => [tensor(call.dtype(0), call.shape(1))] },
  GatherND: { infer: gatherNd },
  Slice: { infer: (call) => [tensor(call.dtype(0), sliceShape(call))], follow: followSlice },
  Split: { infer: split, followAll: followSplit },
  Scatter: { infer: (call) => [call.type(0)] },
  ScatterElements: { infer: (call) => [call.type(0)] },
  ScatterND: { infer: (call) => [call.type(0)] },
  TensorScatter: { infer: (call) => [call.type(0)] },
  TopK: { infer: topK },
  OneHot: { infer: oneHot },
  NonZero: { infer: nonZero },
  Compress: { infer: (call) => [tensor(call.dtype(0), call.node.attributes.has('axis') ? unknownOf(call.shape(0)?.length ?? 0) : [null])] },
  Unique: { infer: (call) => [tensor(call.dtype(0), null), tensor('int64', [null]), tensor('int64', [null]), tensor('int64', [null])] },
  NonMaxSuppression: { infer: () => [tensor('int64', [null, 3])] },
}
