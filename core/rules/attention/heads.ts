import { Axes } from '../../axes/axes.ts'
import type { Factors, Unions } from '../../axes/axis.ts'
import { ints, intsOf } from '../../ir/attributes.ts'
import type { Dim, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { multiplyDims, productOf, sameDim } from '../../shapes/dim.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'

/** A value [batch, heads, length, size] that is a view of `source` [batch, length, heads * size]. */
export interface Heads {
  readonly source: Value
  readonly heads: number
  readonly size: number
}

const perm = (node: Node): string => (intsOf(node, 'perm') ?? []).join()

const isTranspose = (node: Node | null, order: string): node is Node =>
  node?.opType === 'Transpose' && node.domain === '' && perm(node) === order

type Order = (axes: readonly (Factors | undefined)[]) => readonly (Factors | undefined)[]
const upright: Order = (axes) => axes
const turned: Order = ([batch, heads, size, length]) => [batch, heads, length, size]

/** Sees keys [batch, heads, size, length], turned for the product with queries, as heads; repeated ones as those that they repeat. */
export const turnedHeadsOf = (value: Value, draft: Draft): Heads | null =>
  rankOf(value) === 4 ? batchFirst(seenAs(value, turned), draft) : null

/** Sees a value [batch * heads, length, size] as heads, or [batch * heads, size, length], as exporters of PyTorch's MultiheadAttention make them. */
export function mergedHeadsOf(value: Value, order: 'upright' | 'turned', draft: Draft): Heads | null {
  const seen = rankOf(value) === 3 ? seenAs(value, order === 'turned' ? turned : upright) : null
  return seen?.repeats === 1 ? batchFirst(seen, draft) : null
}

/** Whether a value is seen as [batch * heads, length, size]. */
export const hasMergedHeads = (value: Value): boolean => rankOf(value) === 3 && seenAs(value, upright)?.repeats === 1

/** Heads of [length, batch, hidden] as those of [batch, length, hidden]. */
function batchFirst(seen: Seen | null, draft: Draft): Heads | null {
  if (seen === null || !seen.lengthFirst) return seen
  const { producer } = seen.source
  if (isTranspose(producer, '1,0,2')) return { ...seen, source: producer.inputs[0] as Value }
  return { ...seen, source: draft.op('Transpose', [seen.source], { perm: ints([1, 0, 2]) }) }
}

const views: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Unsqueeze', 'Squeeze', 'Flatten', 'Expand'])
/** Exporters put no more operators between a projection and its heads. */
const mostViews = 6

/** Goes back through views to the nearest value [batch, length, heads * size] of which `value` holds the axes, in an order that `sorted` undoes. */
function seenAs(value: Value, sorted: Order): Seen | null {
  const chain: Node[] = []
  for (let source = value; chain.length <= mostViews; ) {
    if (chain.length > 0 && shapeOf(source)?.length === 3) {
      const found = headsBetween(source, value, { chain, sorted })
      if (found !== null) return found
    }
    const node = source.producer
    if (node === null || node.domain !== '' || !views.has(node.opType)) return null
    chain.unshift(node)
    source = node.inputs[0] as Value
  }
  return null
}

/** Batch and heads that are one axis as two. */
const takenApart = ([merged = [], ...others]: readonly Factors[], batch: number): readonly Factors[] => [
  merged.slice(0, batch),
  merged.slice(batch),
  ...others,
]

interface Seen extends Heads {
  /** How often each head stands there. */
  readonly repeats: Dim
  /** The source is [length, batch, heads * size]. */
  readonly lengthFirst: boolean
}

interface Way {
  readonly chain: readonly Node[]
  readonly sorted: Order
}

function headsBetween(source: Value, value: Value, { chain, sorted }: Way): Seen | null {
  const axes = new Axes()
  for (const node of chain) axes.follow(node)
  const [own, split] = [axes.of(source), axes.of(value)]
  if (own?.length !== 3 || split == null) return null
  const [first, second, hidden] = own as readonly [Factors, Factors, Factors]
  for (const lengthFirst of [false, true]) {
    const [batch, length] = lengthFirst ? [second, first] : [first, second]
    const apart = split.length === 3 ? takenApart(split, batch.length) : split
    // One head of many sequences is how any value of three axes can be seen: the views before it tell more.
    if (apart.length !== 4 || (split.length === 3 && apart[1]?.length === 0)) continue
    const found = headsAmong(sorted(apart) as Split, { batch, length, hidden, unions: axes.unions })
    if (found !== null) return { ...found, source, lengthFirst }
  }
  return null
}

type Split = readonly [Factors, Factors, Factors, Factors]

interface Whole {
  readonly batch: Factors
  readonly length: Factors
  readonly hidden: Factors
  readonly unions: Unions
}

/** Whether [batch, heads, length, size] are the axes of a whole, and how many heads that are. */
function headsAmong([batch, heads, length, size]: Split, whole: Whole): Pick<Seen, 'heads' | 'size' | 'repeats'> | null {
  const kept = heads.filter(({ birth }) => birth.kind !== 'repeated')
  // Heads are repeated one by one: what repeats them runs faster.
  if (heads.slice(0, kept.length).some((axis, i) => axis !== kept[i])) return null
  const { unions } = whole
  if (!unions.same(whole.batch, batch) || !unions.same(whole.length, length) || !unions.same(whole.hidden, [...kept, ...size])) return null
  const [count, each, repeats] = [kept, size, heads.slice(kept.length)].map((factors) => productOf(factors.map((axis) => axis.size)))
  return typeof count === 'number' && typeof each === 'number' ? { heads: count, size: each, repeats: repeats ?? null } : null
}

/** The value before its last two axes were exchanged. */
export const unturned = (value: Value): Value | null =>
  isTranspose(value.producer, '0,1,3,2') ? (value.producer.inputs[0] as Value) : null

/**
 * The value before each head was repeated (grouped-query attention): Unsqueeze, Expand and Reshape of [batch, kv heads, length, size], or the Expand
 * of a single one.
 */
export function unrepeated(value: Value): Value {
  const single = value.producer?.opType === 'Expand' ? (value.producer.inputs[0] as Value) : null
  if (single !== null && expandsOneHead(single, value)) return single
  const expand = value.producer?.opType === 'Reshape' ? value.producer.inputs[0]?.producer : null
  const unsqueeze = expand?.opType === 'Expand' ? expand.inputs[0]?.producer : null
  const source = unsqueeze?.opType === 'Unsqueeze' || unsqueeze?.opType === 'Reshape' ? (unsqueeze.inputs[0] ?? null) : null
  const [from, wide, to] = [source === null ? null : shapeOf(source), expand ? shapeOf(expand.outputs[0] as Value) : null, shapeOf(value)]
  if (source === null || from?.length !== 4 || wide?.length !== 5 || to?.length !== 4) return value
  const kept = sameDim(from[1] as Dim, wide[1] as Dim) && sameDim(from[3] as Dim, wide[4] as Dim)
  const merged = sameDim(to[1] as Dim, multiplyDims(wide[1] as Dim, wide[2] as Dim)) && sameDim(to[3] as Dim, from[3] as Dim)
  return kept && merged ? source : value
}

function expandsOneHead(single: Value, value: Value): boolean {
  const [from, to] = [shapeOf(single), shapeOf(value)]
  return from?.length === 4 && to?.length === 4 && from[1] === 1 && [0, 2, 3].every((axis) => sameDim(from[axis] ?? null, to[axis] ?? null))
}

/** A value [batch, heads, length, size] as heads through its own view; `null` where it has none. */
export function seenHeads(value: Value, draft: Draft): Heads | null {
  const seen = rankOf(value) === 4 ? seenAs(value, upright) : null
  return seen?.repeats === 1 ? batchFirst(seen, draft) : null
}

/** Any value [batch, heads, length, size] as heads: through its own view, or through new ones. `null` when heads or size are not known. */
export function asHeads(value: Value, draft: Draft): Heads | null {
  const seen = seenHeads(value, draft)
  if (seen !== null) return seen
  const shape = shapeOf(value)
  const [, heads, , size] = shape ?? []
  if (shape?.length !== 4 || typeof heads !== 'number' || typeof size !== 'number') return null
  const turned = draft.op('Transpose', [value], { perm: ints([0, 2, 1, 3]) })
  return { source: draft.op('Reshape', [turned, draft.ints([0, 0, heads * size])]), heads, size }
}

/** [batch, length, heads * size] as [batch, heads, length, size]. */
export function withHeads(value: Value, { heads, size }: Omit<Heads, 'source'>, draft: Draft): Value {
  const split = draft.op('Reshape', [value, draft.ints([0, 0, heads, size])])
  return draft.op('Transpose', [split], { perm: ints([0, 2, 1, 3]) })
}
