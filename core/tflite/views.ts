import { type Perm, store } from './layout.ts'

/** A value in another shape: the order of axes that it must lie in, then its stored dims, and the order of axes that they are in. */
interface View {
  readonly from: Perm
  readonly shape: readonly number[]
  readonly perm: Perm
}

/** Axes of a value that become axes of its other shape, over the same elements. */
interface Segment {
  readonly from: readonly number[]
  readonly into: number[]
}

/**
 * How a value that lies in the order `perm` takes another shape, where it lies if its axes allow it: axes that are joined must lie behind
 * each other, all others stay where they are. `null` when a size that is known only at run time is joined or split.
 * @param dims in ONNX order; -1 for a size known only at run time
 */
export function viewOf(dims: readonly number[], perm: readonly number[], result: readonly number[]): View | null {
  const segments = segmentsOf(dims, result)
  if (segments === null) return null
  const placeOf = ({ from }: Segment): number => {
    const wide = from.filter((axis) => dims[axis] !== 1)
    return Math.min(...(wide.length > 0 ? wide : from).map((axis) => perm.indexOf(axis)), perm.length)
  }
  const inOrder = segments.toSorted((a, b) => placeOf(a) - placeOf(b))
  const stored = inOrder.flatMap(({ into }) => into)
  const lying = inOrder.flatMap(({ from }) => from)
  const wanted = [...lying, ...perm.filter((axis) => !lying.includes(axis))]
  return { from: normal(liesSo(dims, perm, wanted) ? perm : wanted), shape: store(result, stored), perm: normal(stored) }
}

/** Whether elements stand in the same places in both orders. */
function liesSo(dims: readonly number[], a: readonly number[], b: readonly number[]): boolean {
  const wide = (perm: readonly number[]): string => perm.filter((axis) => dims[axis] !== 1).join()
  return wide(a) === wide(b)
}

const normal = (perm: readonly number[]): Perm => (perm.every((axis, i) => axis === i) ? null : perm)

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
