import { Arithmetic } from '../arithmetic.ts'
import { input, number, numbers, output } from '../attributes.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import type { Builtin } from '../operators.ts'
import { refuseOpen, Unconvertible } from '../unconvertible.ts'
import { ceiled, lowest, type Space, spaceOf } from './window.ts'

/** More slices than this cost more than they are worth. */
const mostSlices = 128

/** A window that slides over any number of axes, dilated or not: shifted slices folded together, one axis after the other. */
interface Sliding {
  readonly fold: Builtin
  readonly fill: number
}

function slide(
  to: Conversion,
  a: Arithmetic,
  x: number,
  { space, out, fold, fill }: Sliding & { space: Space; out: readonly number[] },
): number {
  return space.kernel.reduce((result, width, i) => {
    const axis = i + 2
    const padded = padAxis(to, a, result, { axis, pads: space.pads[i] as readonly [number, number], fill })
    const [step, spread, size] = [space.strides[i] as number, space.dilations[i] as number, out[i] as number]
    const slices = Array.from({ length: width }, (_, at) => everyNth(to, a, padded, { axis, begin: at * spread, size, step }))
    return slices.reduce((left, right) => a.binary(fold, left, right))
  }, x)
}

interface Strided {
  readonly axis: number
  readonly begin: number
  readonly size: number
  readonly step: number
}

function everyNth(to: Conversion, a: Arithmetic, x: number, { axis, begin, size, step }: Strided): number {
  const dims = a.dims(x)
  const along = (own: number, other: (dim: number) => number) => to.ints(dims.map((dim, i) => (i === axis ? own : other(dim))))
  return to.emit('STRIDED_SLICE', {
    inputs: [x, along(begin, () => 0), along(begin + (size - 1) * step + 1, (dim) => dim), along(step, () => 1)],
    dims: dims.map((dim, i) => (i === axis ? size : dim)),
    dtype: a.dtype(x),
    // An end that is not known is the axis's own.
    options: { endMask: dims.reduce((mask, dim, i) => (dim < 0 && i !== axis ? mask | (1 << i) : mask), 0) },
  })
}

function padAxis(
  to: Conversion,
  a: Arithmetic,
  x: number,
  { axis, pads, fill }: { axis: number; pads: readonly [number, number]; fill: number },
): number {
  if (pads[0] === 0 && pads[1] === 0) return x
  const dims = a.dims(x)
  const around = dims.flatMap((_, i) => (i === axis ? pads : [0, 0]))
  return to.emit('PADV2', {
    inputs: [x, to.ints(around, [dims.length, 2]), a.scalar(fill, x)],
    dims: dims.map((dim, i) => (i === axis && dim >= 0 ? dim + pads[0] + pads[1] : dim)),
    dtype: a.dtype(x),
  })
}

function windowOf({ node, to }: LoweringContext): { space: Space; out: readonly number[]; size: readonly number[] } {
  const kernel = numbers(node, 'kernel_shape') ?? []
  if (kernel.reduce((sum, width) => sum + width, 0) > mostSlices)
    throw new Unconvertible(`a window of ${kernel.join(' x ')} that no kernel of the runtime has`, 'Use a smaller window.')
  const size = to.dims(input(node, 0)).slice(2)
  refuseOpen(node, size)
  const out = to.dims(output(node)).slice(2)
  return { space: ceiled(spaceOf(node, kernel, size), { size, out }), out, size }
}

/** Largest element of each window. */
export const slidingMax: Lowering = (context) => {
  const { node, to } = context
  const { space, out } = windowOf(context)
  to.put(output(node), slide(to, new Arithmetic(to), to.plain(input(node, 0)), { space, out, fold: 'MAXIMUM', fill: lowest }))
}

/** Mean of each window: over all of it, or over the part that lies in the image, whose size depends on the shape alone. */
export const slidingMean: Lowering = (context) => {
  const { node, to } = context
  const a = new Arithmetic(to)
  const { space, out, size } = windowOf(context)
  const sum = slide(to, a, to.plain(input(node, 0)), { space, out, fold: 'ADD', fill: 0 })
  const given = spaceOf(node, space.kernel, size)
  const whole = number(node, 'count_include_pad', 0) === 1
  const mean = space.kernel.reduce((result, _, i) => {
    const [before, after] = whole ? (given.pads[i] as readonly [number, number]) : [0, 0]
    const counts = Array.from({ length: out[i] as number }, (_, at) => {
      const begin = at * (space.strides[i] as number) - (space.pads[i]?.[0] ?? 0)
      const places = Array.from({ length: space.kernel[i] as number }, (_, k) => begin + k * (space.dilations[i] as number))
      return places.filter((place) => place >= -before && place < (size[i] as number) + after).length
    })
    const shape = [1, 1, ...space.kernel.map((_, axis) => (axis === i ? counts.length : 1))]
    return a.binary(
      'MUL',
      result,
      to.floats(
        counts.map((count) => 1 / count),
        shape,
      ),
    )
  }, sum)
  to.put(output(node), mean)
}

/** The p-norm of each window. */
const lpPool: Lowering = (context) => {
  const { node, to } = context
  const a = new Arithmetic(to)
  const { space, out } = windowOf(context)
  const p = number(node, 'p', 2)
  const powers = a.with('POW', a.unary('ABS', to.plain(input(node, 0))), p)
  const sum = slide(to, a, powers, { space, out, fold: 'ADD', fill: 0 })
  to.put(output(node), a.with('POW', sum, 1 / p))
}

export const sliding: Readonly<Record<string, Lowering>> = { LpPool: lpPool }
