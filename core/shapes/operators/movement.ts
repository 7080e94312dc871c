import { intsOf } from '../../ir/attributes.ts'
import { countOf } from '../../ir/tensor.ts'
import type { Dim, Shape } from '../../ir/value.ts'
import { addDims, broadcastShapes, divideDims, multiplyDims, productOf, sameDim, subtractDims } from '../dim.ts'
import { broadcastKnown, type Known, knownOf, longestKnown, numbersIn, onlyEntry, rearranged, stridesOf } from '../known.ts'
import { attribute, axesOf, axisOf, type Call, type Family, type Follow, type Infer, tensor, unknownOf } from '../operator.ts'

/** The content under other dims. */
const reshaped = (known: Known | null, shape: Shape): Known | null =>
  known !== null && shape?.every((dim) => typeof dim === 'number') && countOf(shape as readonly number[]) === known.entries.length
    ? { ...known, dims: shape as readonly number[] }
    : null

const dimsKnown = (shape: Shape): readonly number[] | null =>
  shape?.every((dim) => typeof dim === 'number') ? (shape as readonly number[]) : null

/** The shape that a 1-D int64 input asks for; `null` when its length is not known. */
function wantedShape(call: Call, input: number): readonly Dim[] | null {
  const known = call.known(input)
  if (known !== null) return known.entries
  const length = call.shape(input)?.[0]
  return typeof length === 'number' ? unknownOf(length) : null
}

function reshapeShape(call: Call): Shape {
  const wanted = call.opset >= 5 || call.has(1) ? wantedShape(call, 1) : intsOf(call.node, 'shape')
  if (wanted === null) return null
  const from = call.shape(0)
  const keepZero = attribute(call, 'allowzero', 0) === 1
  const copied = wanted.map((dim, i): Dim => (dim === 0 && !keepZero ? (from?.[i] ?? null) : dim))
  const open = copied.indexOf(-1)
  if (open < 0) return copied
  const others = copied.filter((_, i) => i !== open)
  return copied.map((dim, i) => (i === open ? restOf(from, others) : dim))
}

/** What is left for the one open dimension; sizes that stand on both sides cancel, known or not. */
function restOf(from: Shape, others: readonly Dim[]): Dim {
  if (from === null) return null
  const left = [...from]
  const right = others.filter((dim) => {
    const at = left.findIndex((other) => sameDim(other, dim))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  const rest = divideDims(productOf(left), productOf(right))
  return typeof rest === 'number' || right.length === 0 || (typeof rest === 'string' && !rest.includes('floor')) ? rest : null
}

const reshape = {
  infer: ((call) => [tensor(call.dtype(0), reshapeShape(call))]) satisfies Infer,
  follow: ((call) => reshaped(call.known(0), reshapeShape(call))) satisfies Follow,
}

function flattenShape(call: Call): Shape {
  const shape = call.shape(0)
  if (shape === null) return unknownOf(2)
  const given = attribute(call, 'axis', 1)
  const axis = given < 0 ? given + shape.length : given
  return [productOf(shape.slice(0, axis)), productOf(shape.slice(axis))]
}

function squeezeShape(call: Call): Shape {
  const shape = call.shape(0)
  const axes = axesOf(call, 1)
  if (shape === null || axes === null) return null
  if (axes === undefined) return shape.some((dim) => typeof dim !== 'number') ? null : shape.filter((dim) => dim !== 1)
  const gone = new Set(axes.map((axis) => axisOf(axis, shape.length)))
  return shape.filter((_, i) => !gone.has(i))
}

function unsqueezeShape(call: Call): Shape {
  const shape = call.shape(0)
  const axes = axesOf(call, 1)
  if (shape === null || axes == null) return null
  const rank = shape.length + axes.length
  const added = new Set(axes.map((axis) => axisOf(axis, rank)))
  const rest = [...shape]
  return Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.shift() ?? null)))
}

const renamed = (shapeOf: (call: Call) => Shape) => ({
  infer: ((call) => [tensor(call.dtype(0), shapeOf(call))]) satisfies Infer,
  follow: ((call) => reshaped(call.known(0), shapeOf(call))) satisfies Follow,
})

const permOf = (call: Call, rank: number): readonly number[] =>
  intsOf(call.node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i)

const transpose = {
  infer: ((call) => {
    const shape = call.shape(0)
    return [tensor(call.dtype(0), shape === null ? null : permOf(call, shape.length).map((axis) => shape[axis] ?? null))]
  }) satisfies Infer,
  follow: ((call) => {
    const known = call.known(0)
    if (known === null) return null
    const perm = permOf(call, known.dims.length)
    const strides = stridesOf(known.dims)
    return rearranged(
      known,
      perm.map((axis) => known.dims[axis] as number),
      (index) => perm.reduce((sum, axis, i) => sum + (index[i] as number) * (strides[axis] as number), 0),
    )
  }) satisfies Follow,
}

function expandShape(call: Call): Shape {
  const from = call.shape(0)
  const wanted = wantedShape(call, 1)
  if (from === null || wanted === null) return null
  return broadcastShapes(from, wanted)
}

const expand = {
  infer: ((call) => [tensor(call.dtype(0), expandShape(call))]) satisfies Infer,
  follow: ((call) => {
    const known = call.known(0)
    const dims = dimsKnown(expandShape(call))
    return known === null || dims === null || countOf(dims) > longestKnown ? null : broadcastKnown(known, dims)
  }) satisfies Follow,
}

function concatShape(call: Call): Shape {
  const shapes = Array.from({ length: call.count }, (_, i) => call.shape(i))
  const known = shapes.filter((shape): shape is readonly Dim[] => shape !== null)
  const first = known[0]
  if (first === undefined) return null
  const axis = axisOf(attribute(call, 'axis', 1), first.length)
  return first.map((_, i): Dim => {
    if (i === axis) return known.length < shapes.length ? null : known.reduce((sum: Dim, shape) => addDims(sum, shape[i] ?? null), 0)
    return known.reduce((dim: Dim, shape) => (typeof dim === 'number' ? dim : (shape[i] ?? dim)), null)
  })
}

const followConcat: Follow = (call) => {
  const parts = Array.from({ length: call.count }, (_, i) => call.known(i))
  const length = call.shape(0)?.length
  if (length !== 1 || parts.some((part) => part === null)) return null
  const entries = parts.flatMap((part) => part?.entries ?? [])
  return entries.length > longestKnown ? null : { dtype: (parts[0] as Known).dtype, dims: [entries.length], entries }
}

const followShape: Follow = (call) => {
  const shape = call.shape(0)
  if (shape === null) return null
  const bound = (given: number) => Math.min(shape.length, Math.max(0, given < 0 ? given + shape.length : given))
  const entries = shape.slice(bound(attribute(call, 'start', 0)), bound(attribute(call, 'end', shape.length)))
  return { dtype: 'int64', dims: [entries.length], entries }
}

const shape = {
  infer: ((call) => {
    const known = followShape(call)
    return [tensor('int64', known === null ? [null] : known.dims)]
  }) satisfies Infer,
  follow: followShape,
}

const size = {
  infer: (() => [tensor('int64', [])]) satisfies Infer,
  follow: ((call) => {
    const from = call.shape(0)
    return from === null ? null : { dtype: 'int64', dims: [], entries: [productOf(from)] }
  }) satisfies Follow,
}

/** Repeats and size of Tile. */
const tile = {
  infer: ((call) => {
    const from = call.shape(0)
    const repeats = call.known(1)?.entries
    return [tensor(call.dtype(0), from === null ? null : from.map((dim, i) => multiplyDims(dim, repeats?.[i] ?? null)))]
  }) satisfies Infer,
  follow: ((call) => {
    const known = call.known(0)
    const repeats = numbersIn(call.known(1))
    if (known === null || repeats === null) return null
    const strides = stridesOf(known.dims)
    const dims = known.dims.map((dim, i) => dim * (repeats[i] ?? 1))
    return rearranged(known, dims, (index) =>
      known.dims.reduce((sum, dim, i) => sum + ((index[i] as number) % dim) * (strides[i] as number), 0),
    )
  }) satisfies Follow,
}

const range = {
  infer: ((call) => {
    const [start, limit, step] = [0, 1, 2].map((i) => onlyEntry(call.known(i)))
    return [tensor(call.dtype(0), [rangeLength(start ?? null, limit ?? null, step ?? null)])]
  }) satisfies Infer,
  follow: ((call) => {
    const [start, limit, step] = [0, 1, 2].map((i) => onlyEntry(call.known(i)))
    const length = rangeLength(start ?? null, limit ?? null, step ?? null)
    const dtype = call.dtype(0)
    if (typeof length !== 'number' || length > longestKnown || typeof start !== 'number' || typeof step !== 'number') return null
    if (dtype !== 'int64' && dtype !== 'int32') return null
    return { dtype, dims: [length], entries: Array.from({ length }, (_, i) => start + i * step) }
  }) satisfies Follow,
}

function rangeLength(start: Dim, limit: Dim, step: Dim): Dim {
  if (typeof start === 'number' && typeof limit === 'number' && typeof step === 'number') {
    return step === 0 ? null : Math.max(0, Math.ceil((limit - start) / step))
  }
  return step === 1 ? subtractDims(limit, start) : null
}

const constantOfShape = {
  infer: ((call) => {
    const value = call.node.attributes.get('value')
    return [tensor(value?.type === 'tensor' ? value.value.ref.dtype : 'float32', wantedShape(call, 0))]
  }) satisfies Infer,
}

const depthToSpace: Infer = (call) => {
  const from = call.shape(0)
  const block = attribute(call, 'blocksize', 1)
  if (from?.length !== 4) return [tensor(call.dtype(0), null)]
  const [n, c, h, w] = from as [Dim, Dim, Dim, Dim]
  return [tensor(call.dtype(0), [n, divideDims(c, block * block), multiplyDims(h, block), multiplyDims(w, block)])]
}

const spaceToDepth: Infer = (call) => {
  const from = call.shape(0)
  const block = attribute(call, 'blocksize', 1)
  if (from?.length !== 4) return [tensor(call.dtype(0), null)]
  const [n, c, h, w] = from as [Dim, Dim, Dim, Dim]
  return [tensor(call.dtype(0), [n, multiplyDims(c, block * block), divideDims(h, block), divideDims(w, block)])]
}

/** Pads of every axis, begin then end; `null` where they are not known. */
const pad: Infer = (call) => {
  const from = call.shape(0)
  if (from === null) return [tensor(call.dtype(0), null)]
  const pads = call.opset >= 11 ? (call.known(1)?.entries ?? null) : intsOf(call.node, 'pads')
  const axes = call.has(3) ? numbersIn(call.known(3)) : from.map((_, i) => i)
  if (pads === null || axes === null) return [tensor(call.dtype(0), unknownOf(from.length))]
  const shape = [...from]
  axes.forEach((given, i) => {
    const axis = axisOf(given, from.length)
    if (axis !== null) shape[axis] = addDims(addDims(shape[axis] ?? null, pads[i] ?? null), pads[i + axes.length] ?? null)
  })
  return [tensor(call.dtype(0), shape)]
}

export const movement: Family = {
  Reshape: reshape,
  Flatten: renamed(flattenShape),
  Squeeze: renamed(squeezeShape),
  Unsqueeze: renamed(unsqueezeShape),
  Transpose: transpose,
  Expand: expand,
  Concat: { infer: (call) => [tensor(call.dtype(0), concatShape(call))], follow: followConcat },
  Shape: shape,
  Size: size,
  Tile: tile,
  Range: range,
  ConstantOfShape: {
    ...constantOfShape,
    follow: (call) => {
      const dims = numbersIn(call.known(0))
      const value = call.node.attributes.get('value')
      if (dims === null || countOf(dims) > longestKnown) return null
      const filled = value?.type === 'tensor' ? value.value : null
      return filledKnown(dims, filled)
    },
  },
  DepthToSpace: { infer: depthToSpace },
  SpaceToDepth: { infer: spaceToDepth },
  Pad: { infer: pad },
  ReverseSequence: { infer: (call) => [call.type(0)] },
}

function filledKnown(dims: readonly number[], value: Parameters<typeof knownOf>[0] | null): Known | null {
  const known = value === null ? ({ dtype: 'float32', dims: [1], entries: [0] } satisfies Known) : knownOf(value)
  if (known === null) return null
  return { dtype: known.dtype, dims, entries: new Array<Dim>(countOf(dims)).fill(known.entries[0] ?? null) }
}
