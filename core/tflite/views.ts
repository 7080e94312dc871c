import { type Perm, store } from './layout.ts'

/** A value in another shape without a move of elements: its stored dims, and the order of axes that they are in. */
interface View {
  readonly shape: readonly number[]
  readonly perm: Perm
}

/** Axes of a value that become axes of its other shape, over the same elements. */
interface Segment {
  readonly from: readonly number[]
  readonly into: number[]
}

/**
 * How a value that lies in the order `perm` takes another shape where it lies. `null` when elements would have to move:
 * when axes that are joined do not lie behind each other.
 * @param dims in ONNX order; -1 for a size known only at run time, which must stay an axis of its own
 */
export function viewOf(dims: readonly number[], perm: readonly number[], result: readonly number[]): View | null {
  const segments = segmentsOf(dims, result)
  if (segments === null) return null
  const order = perm.filter((axis) => dims[axis] !== 1)
  const placed: { readonly into: readonly number[]; readonly at: number }[] = []
  for (const { from, into } of segments) {
    const wide = from.filter((axis) => dims[axis] !== 1)
    const begin = order.indexOf(wide[0] ?? -1)
    if (!wide.every((axis, i) => order[begin + i] === axis)) return null
    placed.push({ into, at: perm.indexOf(wide[0] ?? from[0] ?? 0) })
  }
  const stored = placed.toSorted((a, b) => a.at - b.at).flatMap(({ into }) => into)
  return { shape: store(result, stored), perm: stored.every((axis, i) => axis === i) ? null : stored }
}

/** The smallest runs of neighbouring axes of both shapes with equally many elements. */
function segmentsOf(dims: readonly number[], result: readonly number[]): Segment[] | null {
  const segments: Segment[] = []
  let [i, j] = [0, 0]
  while (i < dims.length && j < result.length) {
    const from = [i]
    const into = [j]
    let [left, right] = [dims[i++] as number, result[j++] as number]
    if (left < 0 !== right < 0) return null
    while (left !== right) {
      const [next, grown] = left < right ? [dims[i], i++] : [result[j], j++]
      if (next === undefined || next < 0) return null
      if (left < right) {
        from.push(grown)
        left *= next
      } else {
        into.push(grown)
        right *= next
      }
    }
    segments.push({ from, into })
  }
  if ([...dims.slice(i), ...result.slice(j)].some((dim) => dim !== 1)) return null
  const rest = result.slice(j).map((_, at) => j + at)
  if (segments.length === 0) return [{ from: [], into: rest }]
  segments.at(-1)?.into.push(...rest)
  return segments
}
