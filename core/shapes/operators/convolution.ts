import { floatsOf, intsOf, textOf } from '../../ir/attributes.ts'
import type { Dim, Shape } from '../../ir/value.ts'
import { addDims, divideDims, multiplyDims, subtractDims } from '../dim.ts'
import { numbersIn } from '../known.ts'
import { attribute, type Call, type Family, type Infer, tensor, unknownOf } from '../operator.ts'

interface Window {
  readonly kernel: readonly Dim[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Begin and end of each axis, or `null` for the "same" kinds of padding. */
  readonly pads: readonly number[] | null
  readonly ceil: boolean
}

function windowOf(call: Call, kernel: readonly Dim[]): Window {
  const rank = kernel.length
  const ones = new Array<number>(rank).fill(1)
  const auto = textOf(call.node, 'auto_pad', 'NOTSET')
  return {
    kernel,
    strides: intsOf(call.node, 'strides') ?? ones,
    dilations: intsOf(call.node, 'dilations') ?? ones,
    pads: auto.startsWith('SAME')
      ? null
      : auto === 'VALID'
        ? new Array<number>(2 * rank).fill(0)
        : (intsOf(call.node, 'pads') ?? new Array<number>(2 * rank).fill(0)),
    ceil: attribute(call, 'ceil_mode', 0) === 1,
  }
}

/** Output sizes of a sliding window. */
function slide(spatial: readonly Dim[], window: Window): readonly Dim[] {
  return spatial.map((size, i) => {
    const stride = window.strides[i] ?? 1
    if (window.pads === null) return divideDims(addDims(size, stride - 1), stride)
    const pads = (window.pads[i] ?? 0) + (window.pads[i + spatial.length] ?? 0)
    const reach = addDims(multiplyDims(window.dilations[i] ?? 1, subtractDims(window.kernel[i] ?? null, 1)), 1)
    const room = subtractDims(addDims(size, pads), reach)
    if (window.ceil) return ceilSize(room, { stride, size, begin: window.pads[i] ?? 0 })
    return addDims(divideDims(room, stride), 1)
  })
}

/** With ceil_mode the last window must still begin inside of the input or its begin padding. */
function ceilSize(room: Dim, { stride, size, begin }: { stride: number; size: Dim; begin: number }): Dim {
  if (typeof room !== 'number' || typeof size !== 'number') return null
  const count = Math.ceil(room / stride) + 1
  return (count - 1) * stride >= size + begin ? count - 1 : count
}

const convolve = (call: Call, x: Shape, w: Shape): Shape => {
  if (x === null || w === null) return null
  const kernel = intsOf(call.node, 'kernel_shape') ?? w.slice(2)
  return [x[0] ?? null, w[0] ?? null, ...slide(x.slice(2), windowOf(call, kernel))]
}

const conv: Infer = (call) => [tensor(call.dtype(0), convolve(call, call.shape(0), call.shape(1)))]

const convTranspose: Infer = (call) => {
  const [x, w] = [call.shape(0), call.shape(1)]
  if (x === null || w === null) return [tensor(call.dtype(0), null)]
  const spatial = x.slice(2)
  const window = windowOf(call, intsOf(call.node, 'kernel_shape') ?? w.slice(2))
  const given = intsOf(call.node, 'output_shape')
  const extra = intsOf(call.node, 'output_padding') ?? []
  const sizes = spatial.map((size, i): Dim => {
    if (given !== null) return given.slice(-spatial.length)[i] ?? null
    const stride = window.strides[i] ?? 1
    if (window.pads === null) return multiplyDims(size, stride)
    const pads = (window.pads[i] ?? 0) + (window.pads[i + spatial.length] ?? 0)
    const reach = addDims(multiplyDims(window.dilations[i] ?? 1, subtractDims(window.kernel[i] ?? null, 1)), 1)
    return addDims(subtractDims(addDims(multiplyDims(stride, subtractDims(size, 1)), reach), pads), extra[i] ?? 0)
  })
  return [tensor(call.dtype(0), [x[0] ?? null, multiplyDims(w[1] ?? null, attribute(call, 'group', 1)), ...sizes])]
}

const pool: Infer = (call) => {
  const x = call.shape(0)
  const kernel = intsOf(call.node, 'kernel_shape')
  const shape = x === null || kernel === null ? null : [...x.slice(0, 2), ...slide(x.slice(2), windowOf(call, kernel))]
  return [tensor(call.dtype(0), shape), tensor('int64', shape)]
}

const globalPool: Infer = (call) => {
  const x = call.shape(0)
  return [tensor(call.dtype(0), x === null ? null : x.map((dim, i) => (i < 2 ? dim : 1)))]
}

/** Sizes that Resize and Upsample ask for: by `sizes`, or by `scales`. */
const resize =
  (scalesAt: number, sizesAt: number | null): Infer =>
  (call) => {
    const x = call.shape(0)
    if (x === null) return [tensor(call.dtype(0), null)]
    if (call.node.attributes.has('axes')) return [tensor(call.dtype(0), unknownOf(x.length))]
    const sizes = sizesAt !== null && call.has(sizesAt) ? (call.known(sizesAt)?.entries ?? null) : null
    if (sizes !== null && sizes.length === x.length) return [tensor(call.dtype(0), sizes)]
    const scales = call.has(scalesAt) ? numbersIn(call.known(scalesAt)) : floatsOf(call.node, 'scales')
    const exact = textOf(call.node, 'keep_aspect_ratio_policy', 'stretch') === 'stretch'
    const shape = x.map((dim, i) => (exact ? scaled(dim, scales?.[i] ?? null) : null))
    return [tensor(call.dtype(0), shape)]
  }

function scaled(dim: Dim, scale: number | null): Dim {
  if (scale === null) return null
  if (typeof dim === 'number') return Math.floor(dim * scale)
  if (Number.isInteger(scale)) return multiplyDims(dim, scale)
  return Number.isInteger(1 / scale) ? divideDims(dim, 1 / scale) : null
}

const gridSample: Infer = (call) => {
  const [x, grid] = [call.shape(0), call.shape(1)]
  return [tensor(call.dtype(0), x === null || grid === null ? null : [...x.slice(0, 2), ...grid.slice(1, -1)])]
}

const roiAlign: Infer = (call) => [
  tensor(call.dtype(0), [
    call.shape(1)?.[0] ?? null,
    call.shape(0)?.[1] ?? null,
    attribute(call, 'output_height', 1),
    attribute(call, 'output_width', 1),
  ]),
]

export const convolution: Family = {
  Conv: { infer: conv },
  ConvInteger: { infer: (call) => [tensor('int32', convolve(call, call.shape(0), call.shape(1)))] },
  QLinearConv: { infer: (call) => [tensor(call.dtype(7), convolve(call, call.shape(0), call.shape(3)))] },
  ConvTranspose: { infer: convTranspose },
  DeformConv: { infer: conv },
  MaxPool: { infer: pool },
  AveragePool: { infer: pool },
  LpPool: { infer: pool },
  GlobalAveragePool: { infer: globalPool },
  GlobalMaxPool: { infer: globalPool },
  GlobalLpPool: { infer: globalPool },
  Resize: { infer: (call) => (call.opset >= 11 ? resize(2, 3) : resize(1, null))(call) },
  Upsample: { infer: resize(1, null) },
  GridSample: { infer: gridSample },
  RoiAlign: { infer: roiAlign },
  MaxRoiPool: { infer: (call) => [tensor(call.dtype(0), null)] },
  MaxUnpool: { infer: (call) => [tensor(call.dtype(0), null)] },
}
