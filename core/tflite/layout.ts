/**
 * How a value is stored in the converted file: stored axis `i` holds the ONNX axis `perm[i]`; `null` is the ONNX order itself.
 * Convolutions want channels last; everything that works element by element or along axes follows whatever order arrives,
 * so that transposes remain only where an order meets an operator that cannot follow.
 */
export type Perm = readonly number[] | null

/** Channels last for a value of `rank` axes (batch, channels, space ...); `null` below rank 3, where nothing moves. */
export const channelsLast = (rank: number): Perm => (rank < 3 ? null : [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1])

export const samePerm = (a: Perm, b: Perm): boolean =>
  a === b || (a !== null && b !== null && a.length === b.length && a.every((axis, i) => axis === b[i]))

/** Dims in stored order. */
export const store = <T>(dims: readonly T[], perm: Perm): T[] => (perm === null ? [...dims] : perm.map((axis) => dims[axis] as T))

/** Where an ONNX axis is stored. */
export const storedAxis = (axis: number, perm: Perm): number => (perm === null ? axis : perm.indexOf(axis))

/** The permutation that takes something stored by `from` to `to`: result axis `i` is stored axis `result[i]`; `null` when they are the same. */
export function between(from: Perm, to: Perm, rank: number): Perm {
  const identity = Array.from({ length: rank }, (_, i) => i)
  const moved = (to ?? identity).map((axis) => (from ?? identity).indexOf(axis))
  return moved.every((axis, i) => axis === i) ? null : moved
}

/** Whether a permutation moves only axes of size 1, so that no element changes its place. */
export function isReshape(dims: readonly number[], perm: readonly number[]): boolean {
  const kept = perm.filter((axis) => dims[axis] !== 1)
  return kept.every((axis, i) => i === 0 || axis > (kept[i - 1] as number))
}

/**
 * Dense row-major data with its axes permuted; `width` is bytes of an element. Where no element moves the data itself is given back,
 * so the result must not be written to.
 */
export function permuteBytes(
  data: Uint8Array,
  { dims, perm, width }: { dims: readonly number[]; perm: readonly number[]; width: number },
): Uint8Array {
  if (isReshape(dims, perm)) return data
  const out = new Uint8Array(data.byteLength)
  const [from, to] = views(data, out, width)
  const merged = mergedAxes(dims, perm)
  const order = merged.perm.join()
  if (order === '1,0') transposeMatrices(from, to, [1, ...merged.dims])
  else if (order === '0,2,1') transposeMatrices(from, to, merged.dims)
  else permute(from, to, merged)
  return out
}

export interface Axes {
  readonly dims: readonly number[]
  readonly perm: readonly number[]
}

/** The same move of elements over fewer axes: those of size 1 fall away, those that stay neighbours become one. */
export function mergedAxes(dims: readonly number[], perm: readonly number[]): Axes {
  const runs: number[][] = []
  for (const axis of perm.filter((each) => dims[each] !== 1)) {
    const last = runs.at(-1)
    const next = (last?.at(-1) ?? -2) + 1
    const joins = last !== undefined && dims.slice(next, axis).every((dim) => dim === 1) && axis >= next
    if (joins) last.push(axis)
    else runs.push([axis])
  }
  const inOrder = runs.toSorted((a, b) => (a[0] as number) - (b[0] as number))
  const sizeOf = (run: readonly number[]): number => run.reduce((size, axis) => size * (dims[axis] as number), 1)
  return { dims: inOrder.map(sizeOf), perm: runs.map((run) => inOrder.indexOf(run)) }
}

/** Side of the squares in which matrices are turned, so that both sides of the move stay in the cache. */
const tile = 32

/** [count, rows, columns] to [count, columns, rows]. */
function transposeMatrices(from: View, to: View, [count = 1, rows = 1, columns = 1]: readonly number[]): void {
  for (let base = 0; base < count * rows * columns; base += rows * columns) {
    for (let top = 0; top < rows; top += tile) {
      const bottom = Math.min(top + tile, rows)
      for (let left = 0; left < columns; left += tile) {
        const right = Math.min(left + tile, columns)
        for (let column = left; column < right; column++) {
          const place = base + column * rows
          for (let row = top, source = base + top * columns + column; row < bottom; row++, source += columns)
            to[place + row] = from[source] as never
        }
      }
    }
  }
}

/** Any order of axes, element by element. */
function permute(from: View, to: View, { dims, perm }: Axes): void {
  const strides = stridesOf(dims)
  const outDims = perm.map((axis) => dims[axis] as number)
  const steps = perm.map((axis) => strides[axis] as number)
  const inner = outDims.at(-1) ?? 1
  const step = steps.at(-1) ?? 1
  const at = new Array<number>(outDims.length).fill(0)
  for (let row = 0, base = 0; row < from.length; row += inner) {
    for (let i = 0, source = base; i < inner; i++, source += step) to[row + i] = from[source] as never
    for (let axis = outDims.length - 2; axis >= 0; axis--) {
      base += steps[axis] as number
      at[axis] = (at[axis] as number) + 1
      if ((at[axis] as number) < (outDims[axis] as number)) break
      base -= (steps[axis] as number) * (outDims[axis] as number)
      at[axis] = 0
    }
  }
}

/** Elements between neighbours along each axis of a row-major array. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1)
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (dims[i + 1] as number)
  return strides
}

type View = Uint8Array | Uint16Array | Uint32Array | BigUint64Array

function views(data: Uint8Array, out: Uint8Array, width: number): [View, View] {
  const aligned = data.byteOffset % width === 0 ? data : data.slice()
  const make = (bytes: Uint8Array): View => {
    const { buffer, byteOffset, byteLength } = bytes
    if (width === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2)
    if (width === 4) return new Uint32Array(buffer, byteOffset, byteLength / 4)
    if (width === 8) return new BigUint64Array(buffer, byteOffset, byteLength / 8)
    return bytes
  }
  if (![1, 2, 4, 8].includes(width)) throw new RangeError(`elements of ${width} bytes cannot be permuted`)
  return [make(aligned), make(out)]
}
