import type { Node } from '../../ir/value.ts'
import { constantNumbers, input, number, numbers, output, text } from '../attributes.ts'
import type { Lowering } from '../conversion.ts'
import { channelsLast, store } from '../layout.ts'
import { Unconvertible } from '../unconvertible.ts'
import { resizeInParts } from './interpolation.ts'

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
  const scales = node.opType === 'Upsample' ? (numbers(node, 'scales') ?? constantNumbers(node, 1)) : constantNumbers(node, 2)
  return (scales ?? []).every((scale, axis) => Math.abs(scale * (before[axis] as number) - (after[axis] as number)) < 1e-4)
}

function linearPlacement(node: Node, sizes: Sizes): Placement | null {
  if (text(node, 'mode', 'nearest') !== 'linear' || !hasExactScales(node, sizes)) return null
  if (text(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') return null
  if (modeOf(node) === 'pytorch_half_pixel' && sizes.after.slice(2).includes(1)) return null
  return placements[modeOf(node)] ?? null
}

/** Whole factors make all ways of rounding agree, except where the model rounds up. */
function nearestPlacement(node: Node, sizes: Sizes): Placement | null {
  if (text(node, 'mode', 'nearest') !== 'nearest' || !hasExactScales(node, sizes)) return null
  if (text(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') return null
  const { before, after } = sizes
  const rounding = text(node, 'nearest_mode', node.opType === 'Upsample' || node.graph.model.opset < 11 ? 'floor' : 'round_prefer_floor')
  const whole = [2, 3].every((axis) => (after[axis] as number) % (before[axis] as number) === 0)
  const mode = modeOf(node)
  const asFloor = mode === 'asymmetric' && rounding === 'floor'
  const halfway = whole && (mode === 'half_pixel' || mode === 'pytorch_half_pixel') && rounding.startsWith('round_prefer')
  if (asFloor || halfway) return { alignCorners: false, halfPixelCenters: false }
  return mode === 'half_pixel' && rounding === 'floor' ? { alignCorners: false, halfPixelCenters: true } : null
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
