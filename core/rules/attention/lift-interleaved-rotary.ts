import { Axes } from '../../axes/axes.ts'
import { int, intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { type Parts, partsOf } from './halves.ts'
import { asHeads, withHeads } from './heads.ts'

const paired = op('Concat', [op('Unsqueeze', [op('Neg', [any('odd')]), any()]), op('Unsqueeze', [any('even'), any()])], 'pairs')

/**
 * x cos + rotate(x) sin with neighbours exchanged, as GPT-J and Cohere export rotary position embedding, to one operator on [batch, length, heads * size].
 * The tables hold every angle twice, side by side; every second column is kept. Source: Su et al., "RoFormer".
 */
export const liftInterleavedRotary = rule({
  id: 'lift-interleaved-rotary',
  summary: 'Rotary position embedding of neighbours becomes one operator.',
  fidelity: 'rounding',
  pattern: op('Add', [op('Mul', [any('x'), any('cos')]), op('Mul', [op('Reshape', [paired, any()], 'turned'), any('sin')])], 'sum'),
  rewrite({ x, cos, sin, odd, even, pairs, turned }, draft) {
    const shape = shapeOf(x)
    const size = shape?.[3]
    if (shape?.length !== 4 || typeof size !== 'number') return reject('the size of the heads is not known', x)
    if (!areNeighbours(x, partsOf(even, odd))) return reject('the slices are not every second element of a head', odd)
    if (intOf(pairs, 'axis', 0) !== -1 && intOf(pairs, 'axis', 0) !== 4) return reject('neighbours are not put side by side', pairs)
    if (shapeOf(pairs.outputs[0] as Value)?.[4] !== 2 || shapeOf(turned.outputs[0] as Value)?.[3] !== size)
      return reject('neighbours are not put side by side', turned)
    const headsFirst = [cos, sin].every((table) => isTable(table, 2, size))
    if (!headsFirst && ![cos, sin].every((table) => isTable(table, 1, size)))
      return reject('the tables are not the same for all heads and sequences', cos)
    if (!repeatsEach(cos) || !repeatsEach(sin)) return reject('the tables are not known to hold every angle twice', cos)
    const columns = [draft.ints([0]), draft.ints([farEnd]), draft.ints([-1]), draft.ints([2])]
    const halves = [cos, sin].map((table) => draft.op('Reshape', [draft.op('Slice', [table, ...columns]), draft.ints([-1, size / 2])]))
    const rotary = (source: Value, heads: number) =>
      draft.op('lathe.Rotary', [source, ...halves], { heads: int(heads), interleaved: int(1) })
    if (!headsFirst) return lengthFirst(x, rotary, draft) ?? reject('the number of heads is not known', x)
    const heads = asHeads(x, draft)
    return heads === null ? reject('the number of heads is not known', x) : withHeads(rotary(heads.source, heads.heads), heads, draft)
  },
})

/** [batch, length, heads, size], as GPT-J turns it before its heads are put first. */
function lengthFirst(x: Value, rotary: (source: Value, heads: number) => Value, draft: Draft): Value | null {
  const [, , heads, size] = shapeOf(x) ?? []
  if (typeof heads !== 'number' || typeof size !== 'number') return null
  const source = draft.op('Reshape', [x, draft.ints([0, 0, heads * size])])
  return draft.op('Reshape', [rotary(source, heads), draft.ints([0, 0, heads, size])])
}

/** To the end, as exporters write it. */
const farEnd = Number.MAX_SAFE_INTEGER

/** Whether the parts are the even and odd places of each head, or the two of pairs that a view made of them. */
function areNeighbours(x: Value, parts: Parts | null): boolean {
  if (parts?.taken === 'neighbours') return parts.whole === x
  const view = parts?.taken === 'pairs' ? parts.whole.producer : null
  return view?.opType === 'Reshape' && view.inputs[0] === x && shapeOf(view.outputs[0] as Value)?.length === 5
}

/** [1, 1, length, size] or, with the length at axis 1, [1, length, 1, size]; leading axes of size 1 may be left out. */
function isTable(table: Value, lengthAt: 1 | 2, size: number): boolean {
  const own = shapeOf(table)
  const shape = own === null || own.length > 4 ? null : [...Array.from({ length: 4 - own.length }, () => 1), ...own]
  return shape?.[0] === 1 && shape[3 - lengthAt] === 1 && shape[3] === size
}

const views: ReadonlySet<string> = new Set(['Cos', 'Sin', 'Mul', 'Reshape', 'Unsqueeze', 'Squeeze', 'Expand', 'Tile', 'Cast'])
/** Exporters put no more operators between a repetition and the table. */
const mostViews = 8

/** Whether the last axis of a table steps through what stands there once, each twice. */
function repeatsEach(table: Value): boolean {
  const chain: Node[] = []
  for (
    let node = table.producer;
    node !== null && views.has(node.opType) && chain.length < mostViews;
    node = node.inputs[0]?.producer ?? null
  )
    chain.unshift(node)
  const axes = new Axes()
  for (const node of chain) axes.follow(node)
  const inner = axes.of(table)?.at(-1)?.at(-1)
  return inner?.size === 2 && inner.birth.kind === 'repeated'
}
