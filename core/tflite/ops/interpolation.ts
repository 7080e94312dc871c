import type { Node } from '../../ir/value.ts'
import { Arithmetic } from '../arithmetic.ts'
import { axisOf, constantNumbers, input, number, numbers, output, text } from '../attributes.ts'
import type { LoweringContext } from '../conversion.ts'
import { storedAxis } from '../layout.ts'
import { Unconvertible } from '../unconvertible.ts'

/** One axis of a Resize. */
export interface Axis {
  readonly before: number
  readonly after: number
  /** As the model gives it, a float32; after / before when it gives sizes. */
  readonly scale: number
}

/** Resizing that the runtime has no kernel for: elements picked by constant positions, or products with constant matrices, axis by axis. */
export function resizeInParts({ node, to }: LoweringContext): void {
  const a = new Arithmetic(to)
  const [before, after] = [to.dims(input(node, 0)), to.dims(output(node))]
  const scales = scalesOf(node, before.length) ?? aspectScales(node, before)
  const nearest = text(node, 'mode', 'nearest') === 'nearest'
  const { tensor, perm } = to.placed(input(node, 0))
  const result = before.reduce((x, size, at) => {
    const own = after[at] as number
    const axis = { before: size, after: own, scale: scales?.[at] ?? Math.fround(own / size) }
    if (size < 0 || (size === own && axis.scale === 1)) return x
    const stored = storedAxis(at, perm)
    return nearest ? a.gather(x, nearestPlaces(node, axis), stored) : mixed({ node, to }, a, { x, at: stored, axis })
  }, tensor)
  to.put(output(node), result, perm)
}

/** The scale of every axis as the model gives it; `null` when it gives sizes. */
export function scalesOf(node: Node, rank: number): readonly number[] | null {
  const given =
    node.opType === 'Upsample'
      ? (numbers(node, 'scales') ?? constantNumbers(node, 1))
      : constantNumbers(node, node.graph.model.opset < 11 ? 1 : 2)
  if (given === null || given.length === 0) return null
  const axes = numbers(node, 'axes')?.map((axis) => axisOf(axis, rank))
  if (axes === undefined) return given
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? (given[axes.indexOf(axis)] as number) : 1))
}

/** One scale for all resized axes, where the model asks to keep the aspect ratio; `null` when it does not. */
function aspectScales(node: Node, before: readonly number[]): readonly number[] | null {
  const policy = text(node, 'keep_aspect_ratio_policy', 'stretch')
  const sizes = policy === 'stretch' ? null : constantNumbers(node, 3)
  if (sizes === null) return null
  const axes = numbers(node, 'axes') ?? before.map((_, i) => i)
  const ratios = axes.map((axis, i) => (sizes[i] as number) / (before[axisOf(axis, before.length)] as number))
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
  return before.map((_, i) => (axes.some((axis) => axisOf(axis, before.length) === i) ? scale : 1))
}

/** Where an element of the result lies in the source, by the rule of the standard; in float32 step by step, as onnxruntime finds it. */
function placeOf(node: Node, at: number, { before, after, scale }: Axis): number {
  const old = node.opType === 'Upsample' || node.graph.model.opset < 11
  const mode = text(node, 'coordinate_transformation_mode', old ? 'asymmetric' : 'half_pixel')
  const float = Math.fround
  const halfPixel = (): number => float(float((at + 0.5) / scale) - 0.5)
  if (mode === 'asymmetric') return float(at / scale)
  if (mode === 'align_corners') return after === 1 ? 0 : float((at * (before - 1)) / (after - 1))
  if (mode === 'pytorch_half_pixel') return after === 1 ? 0 : halfPixel()
  if (mode === 'half_pixel') return halfPixel()
  if (mode === 'half_pixel_symmetric') return float((before / 2) * (1 - after / (scale * before)) + halfPixel())
  throw new Unconvertible(`resizing with coordinates of the kind '${mode}'`, 'Use half_pixel, align_corners or asymmetric.')
}

/** The source element of each element of the result. */
export function nearestPlaces(node: Node, axis: Axis): number[] {
  const old = node.opType === 'Upsample' || node.graph.model.opset < 11
  const rounding = text(node, 'nearest_mode', old ? 'floor' : 'round_prefer_floor')
  const round = (place: number): number => {
    if (rounding === 'floor') return Math.floor(place)
    if (rounding === 'ceil') return Math.ceil(place)
    return rounding === 'round_prefer_ceil' ? Math.floor(place + 0.5) : Math.ceil(place - 0.5)
  }
  return Array.from({ length: axis.after }, (_, at) => Math.max(0, Math.min(axis.before - 1, round(placeOf(node, at, axis)))))
}

/** A product with a constant matrix [after, before] along an axis. */
function mixed({ node, to }: LoweringContext, a: Arithmetic, { x, at, axis }: { x: number; at: number; axis: Axis }): number {
  const matrix = new Float32Array(axis.after * axis.before)
  for (let row = 0; row < axis.after; row++) {
    for (const [column, weight] of weightsAt(node, row, axis))
      matrix[row * axis.before + column] = (matrix[row * axis.before + column] as number) + weight
  }
  const rank = a.dims(x).length
  const order = [...Array.from({ length: rank }, (_, i) => i).filter((each) => each !== at), at]
  const lines = a.transpose(x, order)
  const inputs = [lines, to.floats([...matrix], [axis.after, axis.before]), -1]
  const dims = [...a.dims(lines).slice(0, -1), axis.after]
  const made = to.emit('FULLY_CONNECTED', { inputs, dims, dtype: 'float32', options: { keepNumDims: true } })
  return a.transpose(
    made,
    order.map((_, i) => order.indexOf(i)),
  )
}

/** Source elements and their shares in one element of the result. Positions outside stand for the nearest element. */
function weightsAt(node: Node, row: number, axis: Axis): readonly (readonly [number, number])[] {
  const place = placeOf(node, row, axis)
  const cubic = text(node, 'mode', 'nearest') === 'cubic'
  const coefficient = number(node, 'cubic_coeff_a', -0.75)
  const reach = cubic ? 2 : 1
  const first = Math.ceil(place - reach)
  const columns = Array.from({ length: Math.floor(place + reach) - first + 1 }, (_, i) => first + i)
  const excluded = number(node, 'exclude_outside', 0) === 1
  const raw = columns.map((column) => {
    const distance = Math.abs(column - place)
    const weight = cubic ? cubicAt(distance, coefficient) : Math.max(0, 1 - distance)
    return excluded && (column < 0 || column >= axis.before) ? 0 : weight
  })
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  return columns.map((column, i) => [Math.max(0, Math.min(axis.before - 1, column)), (raw[i] as number) / total])
}

/** The cubic convolution kernel of Keys. */
function cubicAt(x: number, a: number): number {
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1
  return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0
}
