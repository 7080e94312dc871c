import type { Diff } from '../../core/api/diff.ts'
import type { NodeView } from '../../core/api/graph-view.ts'
import type { Paint } from '../model-view/colours.ts'
import type { GraphIndex } from '../model-view/graph-index.ts'
import { opClassOf } from '../model-view/op-class.ts'

export type ChangeKind = Diff['pairs'][number]['kind']

/** One line of the list of changes: what was on the left, what stands on the right. Node ids. */
export interface ChangeEntry {
  readonly id: string
  readonly kind: Exclude<ChangeKind, 'same'>
  readonly title: string
  readonly detail: string
  /** `6 to 1`, `29 nodes`, nothing for one to one. */
  readonly count: string
  readonly left: readonly string[]
  readonly right: readonly string[]
  /** Name of the group in which it happened, for the headings of the list. */
  readonly place: string
}

interface Sides {
  readonly left: GraphIndex
  readonly right: GraphIndex
}

/** The changes in graph order. What the same nodes became is one entry, and so is what was removed in one group without a trace. */
export function entriesOf(diff: Diff, sides: Sides): ChangeEntry[] {
  const byRef = { left: refsOf(sides.left), right: refsOf(sides.right) }
  const entries = joined(diff.pairs).flatMap((pair, position): (ChangeEntry & { at: number })[] => {
    if (pair.kind === 'same') return []
    const left = pair.a.flatMap((ref) => byRef.left.get(ref) ?? [])
    const right = pair.b.flatMap((ref) => byRef.right.get(ref) ?? [])
    if (left.length + right.length === 0) return []
    const place = placeOf(right[0] ? sides.right : sides.left, (right[0] ?? left[0])!)
    const at = orderOf(sides, left, right)
    const texts = textsOf({ kind: pair.kind, why: pair.why }, left, right)
    return [{ ...texts, id: `${pair.kind}:${position}`, kind: pair.kind, left: idsOf(left), right: idsOf(right), place, at }]
  })
  return byPlace(mergedRemovals(entries.sort((a, b) => a.at - b.at)))
}

/** What happened in one place stands together, places in the order in which the first change of each stands. */
function byPlace(entries: readonly ChangeEntry[]): ChangeEntry[] {
  const places = new Map<string, ChangeEntry[]>()
  for (const entry of entries) places.set(entry.place, [...(places.get(entry.place) ?? []), entry])
  return [...places.values()].flat()
}

type Pair = Diff['pairs'][number]

/** Pairs with the same left side say what became of it together. */
function joined(pairs: readonly Pair[]): Pair[] {
  const found = new Map<string, Pair>()
  for (const [position, pair] of pairs.entries()) {
    const key = pair.a.length === 0 || pair.kind === 'same' ? `#${position}` : `${pair.kind}|${pair.a.join('|')}`
    const known = found.get(key)
    found.set(key, known ? { ...known, b: [...known.b, ...pair.b] } : pair)
  }
  return [...found.values()]
}

const idsOf = (nodes: readonly NodeView[]) => nodes.map(({ id }) => id)
const refsOf = (index: GraphIndex) => new Map([...index.nodes.values()].map((node) => [node.ref, node]))

/** Along the right graph; what is gone stands where it stood on the left. */
function orderOf({ left, right }: Sides, a: readonly NodeView[], b: readonly NodeView[]): number {
  if (b[0]) return right.position.get(b[0].id)! / right.nodes.size
  return a[0] ? left.position.get(a[0].id)! / left.nodes.size : 1
}

function placeOf(index: GraphIndex, { path }: NodeView): string {
  const names = path.flatMap((id) => index.groups.get(id)?.name ?? [])
  return names.slice(0, 2).join(' / ') || 'outside of groups'
}

function textsOf(
  { kind, why }: { readonly kind: ChangeKind; readonly why: string },
  left: readonly NodeView[],
  right: readonly NodeView[],
) {
  const before = opsOf(left)
  const after = opsOf(right.length > 0 ? right : left)
  const title = kind === 'changed' && before !== after ? `${before} to ${after}` : after
  const detail = kind === 'fused' && !why.startsWith(before.split(' ×')[0]!) ? `from ${before}. ${why}` : why
  const count = kind === 'fused' || left.length > 1 || right.length > 1 ? `${left.length} to ${right.length}` : ''
  return { title, detail, count }
}

/** `Add ×2, Erf, Mul ×2` */
function opsOf(nodes: readonly NodeView[]): string {
  const counts = new Map<string, number>()
  for (const { opType } of nodes) counts.set(opType, (counts.get(opType) ?? 0) + 1)
  return [...counts].map(([name, times]) => (times > 1 ? `${name} ×${times}` : name)).join(', ')
}

function mergedRemovals(entries: readonly ChangeEntry[]): ChangeEntry[] {
  const merged: ChangeEntry[] = []
  for (const entry of entries) {
    const known =
      entry.kind === 'removed'
        ? merged.findIndex(({ kind, place, detail }) => kind === 'removed' && place === entry.place && detail === entry.detail)
        : -1
    if (known < 0) merged.push(entry)
    else {
      const old = merged[known]!
      const left = [...old.left, ...entry.left]
      const titles = new Set([...old.title.split(', '), entry.title])
      merged[known] = { ...old, left, title: [...titles].slice(0, 6).join(', '), count: `${left.length} nodes` }
    }
  }
  return merged
}

/** What each node of one side is, by node id; nodes that are the same are not listed. */
export function signsOf(entries: readonly ChangeEntry[], side: 'left' | 'right'): Map<string, ChangeEntry['kind']> {
  return new Map(entries.flatMap((entry) => entry[side].map((id): [string, ChangeEntry['kind']] => [id, entry.kind])))
}

const tones = { removed: 'worse', added: 'better', fused: 'fused', changed: 'caution' } as const

/** Changed nodes wear the colour of their change, the others their operator class on plain ground. */
export function paintsOf(signs: ReadonlyMap<string, ChangeEntry['kind']>, { nodes }: GraphIndex): Map<string, Paint> {
  return new Map(
    [...nodes.values()].map(({ id, opType }) => {
      const sign = signs.get(id)
      const bar = `var(--op-${opClassOf(opType)})`
      return [id, sign ? { bar, tint: `var(--${tones[sign]}-tint)` } : { bar, tint: 'var(--raised)' }]
    }),
  )
}
