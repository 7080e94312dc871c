import type { Node } from '../../ir/value.ts'
import { input, number, output, text } from '../attributes.ts'
import type { Lowering } from '../conversion.ts'
import { channelsLast, store } from '../layout.ts'
import { Unconvertible } from '../unconvertible.ts'
import { type Axis, nearestPlaces, resizeInParts, scalesOf } from './interpolation.ts'

/** How the runtime places samples: the two ways it knows, beside the plain one. */
type Placement = {
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

const placements: Readonly<Record<string, Placement>> = {
  half_pixel: { alignCorners: false, halfPixelCenters: true },
  pytorch_half_pixel: { alignCorners: false, halfPixelCenters: true },
  half_pixel_symmetric: { alignCorners: false, halfPixelCenters: true },
  align_corners: { alignCorners: true, halfPixelCenters: false },
  asymmetric: { alignCorners: false, halfPixelCenters: false },
}

/** Resize and Upsample of height and width; nearest where the runtime rounds as the model asks, linear in the three placements it has. */
const resize: Lowering = ({ node, to }) => {
  const [image, result] = [input(node, 0), output(node)]
  const [before, after] = [to.dims(image), to.dims(result)]
  if (after.slice(1).some((dim) => dim < 0))
    throw new Unconvertible('the new size is known only at run time', 'Fix the input shapes with freeze-shapes first.')
  refuseUnknown(node)
  const linear = text(node, 'mode', 'nearest') === 'linear'
  const options = isImage({ before, after })
    ? linear
      ? linearPlacement(node, { before, after })
      : nearestPlacement(node, { before, after })
    : null
  if (options === null) return resizeInParts({ node, to })
  const perm = channelsLast(4)
  const spec = { dims: store(after, perm), dtype: to.dtype(result), name: result.name }
  const size = to.ints(after.slice(2))
  const operator = linear ? 'RESIZE_BILINEAR' : 'RESIZE_NEAREST_NEIGHBOR'
  to.put(result, to.emit(operator, { ...spec, inputs: [to.stored(image, perm), size], options }), perm)
}

function refuseUnknown(node: Node): void {
  const mode = text(node, 'mode', 'nearest')
  if (!['linear', 'nearest', 'cubic'].includes(mode))
    throw new Unconvertible(`resizing of the kind '${mode}'`, 'Only nearest, linear and cubic resizing can be converted.')
  if (number(node, 'antialias', 0) === 1)
    throw new Unconvertible('resizing with antialiasing', 'Leave antialiasing out; the runtime has no such kernel.')
}

interface Sizes {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** Whether height and width of an image change, and nothing else. */
const isImage = ({ before, after }: Sizes): boolean => before.length === 4 && before[0] === after[0] && before[1] === after[1]

const modeOf = (node: Node): string =>
  text(node, 'coordinate_transformation_mode', node.opType === 'Upsample' || node.graph.model.opset < 11 ? 'asymmetric' : 'half_pixel')

/** Whether the runtime, which divides sizes, comes to the scales of the model. */
function hasExactScales(node: Node, { before, after }: Sizes): boolean {
  const scales = scalesOf(node, before.length) ?? []
  return scales.every((scale, axis) => Math.abs(scale * (before[axis] as number) - (after[axis] as number)) < 1e-4)
}

function linearPlacement(node: Node, sizes: Sizes): Placement | null {
  if (text(node, 'mode', 'nearest') !== 'linear' || !hasExactScales(node, sizes)) return null
  if (text(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') return null
  if (modeOf(node) === 'pytorch_half_pixel' && sizes.after.slice(2).includes(1)) return null
  return placements[modeOf(node)] ?? null
}

/** The placement in which the runtime picks the very elements that the model asks for, `null` when there is none. */
function nearestPlacement(node: Node, { before, after }: Sizes): Placement | null {
  if (text(node, 'mode', 'nearest') !== 'nearest' || text(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') return null
  const scales = scalesOf(node, before.length)
  const axes = [2, 3].map((at) => {
    const [size, own] = [before[at] as number, after[at] as number]
    return { before: size, after: own, scale: scales?.[at] ?? Math.fround(own / size) }
  })
  const wanted = axes.map((axis) => nearestPlaces(node, axis))
  const picks = (placement: Placement): boolean => axes.every((axis, i) => picked(axis, placement).join() === wanted[i]?.join())
  return nearestPlacements.find(picks) ?? null
}

const nearestPlacements: readonly Placement[] = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
  { alignCorners: true, halfPixelCenters: false },
]

/** What the runtime's kernel picks along an axis, in the arithmetic of its own (LiteRT, `GetNearestNeighbor`). */
function picked({ before, after }: Axis, { alignCorners, halfPixelCenters }: Placement): number[] {
  const scale = Math.fround(alignCorners && after > 1 ? (before - 1) / (after - 1) : before / after)
  return Array.from({ length: after }, (_, at) => {
    const place = Math.fround((at + (halfPixelCenters ? 0.5 : 0)) * scale)
    return Math.max(0, Math.min(before - 1, alignCorners ? Math.round(place) : Math.floor(place)))
  })
}

/** Blocks of channels become space. CRD keeps the block outermost in the channels; the runtime knows DCR, so CRD channels are reordered first. */
const depthToSpace: Lowering = ({ node, to }) => {
  const [image, result] = [input(node, 0), output(node)]
  const block = number(node, 'blocksize', 1)
  const perm = channelsLast(4)
  const spec = { dims: store(to.dims(result), perm), dtype: to.dtype(result), name: result.name, options: { blockSize: block } }
  const source = to.stored(image, perm)
  if (text(node, 'mode', 'DCR') === 'DCR') return to.put(result, to.emit('DEPTH_TO_SPACE', { ...spec, inputs: [source] }), perm)
  const [, channels = 0] = to.dims(image)
  const depth = channels / (block * block)
  const order = Array.from({ length: channels }, (_, i) => (i % depth) * block * block + Math.floor(i / depth))
  const reordered = to.emit('GATHER', {
    inputs: [source, to.ints(order)],
    dims: store(to.dims(image), perm),
    dtype: to.dtype(result),
    options: { axis: 3 },
  })
  to.put(result, to.emit('DEPTH_TO_SPACE', { ...spec, inputs: [reordered] }), perm)
}

const spaceToDepth: Lowering = ({ node, to }) => {
  const [image, result] = [input(node, 0), output(node)]
  const perm = channelsLast(4)
  const options = { blockSize: number(node, 'blocksize', 1) }
  to.put(
    result,
    to.emit('SPACE_TO_DEPTH', {
      inputs: [to.stored(image, perm)],
      dims: store(to.dims(result), perm),
      dtype: to.dtype(result),
      options,
      name: result.name,
    }),
    perm,
  )
}

export const resampling: Readonly<Record<string, Lowering>> = {
  Resize: resize,
  Upsample: resize,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
}
