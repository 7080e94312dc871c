import { Axes } from '../../axes/axes.ts'
import { ints, intsOf } from '../../ir/attributes.ts'
import type { Dim, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { sameDim } from '../../shapes/dim.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'

/** Queries, keys or values without heads, as rows [..., length, size] of what the products read. */
export interface Rows {
  /** What the product reads: the rows themselves, or with their last axes exchanged. */
  readonly read: Value
  readonly turned: boolean
  readonly value: Value
  /** Axes before the length; `null` when not even their number is known. */
  readonly leading: readonly Dim[] | null
  readonly length: Dim
  readonly size: Dim
}

/** The permutation that exchanges the last two of some axes. */
export const exchanging = (rank: number): readonly number[] =>
  Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis))

/** What a product reads as rows, where it reads them `turned` as they were before. */
export function rowsOf(read: Value, turned: boolean, draft: Draft): Rows {
  const shape = shapeOf(read)
  const leading = shape !== null && shape.length > 1 ? shape.slice(0, -2) : null
  const [length, size] = [shape?.at(turned ? -1 : -2) ?? null, shape?.at(turned ? -2 : -1) ?? null]
  const own = { read, turned, leading, length, size }
  if (!turned || leading === null) return { ...own, value: read }
  const perm = exchanging(leading.length + 2)
  const { producer } = read
  const isTurned = producer?.opType === 'Transpose' && producer.domain === '' && intsOf(producer, 'perm')?.join() === perm.join()
  return { ...own, value: isTurned ? (producer.inputs[0] as Value) : draft.op('Transpose', [read], { perm: ints(perm) }) }
}

export interface AllRows {
  readonly queries: Rows
  readonly keys: Rows
  readonly values: Rows
}

const weightsSay: Readonly<Record<keyof AllRows, string>> = {
  keys: 'the keys are weights: it chooses among classes or experts',
  values: 'the values are weights: it looks up in a table',
  queries: 'the queries are weights: it pools',
}

/** Why a softmax between two products of `rank` axes is no attention of one head; `null` when nothing speaks against it. */
export function objectionTo(rows: AllRows, rank: number): { readonly sentence: string; readonly at: Value } | null {
  for (const name of ['keys', 'values', 'queries'] as const)
    if (isWeights(rows[name].read)) return { sentence: weightsSay[name], at: rows[name].read }
  for (const name of ['queries', 'keys', 'values'] as const) {
    const { read: at, size, leading } = rows[name]
    if (leading?.length !== rank - 2) return { sentence: `the ${name} have not as many axes as the scores`, at }
    if (typeof size !== 'number') return { sentence: `the size of the ${name} is not known`, at }
    if (!leading.every((dim, axis) => sameDim(dim, rows.queries.leading?.[axis] ?? null)))
      return { sentence: `queries and ${name} are not known to be of as many sequences`, at }
  }
  return null
}

const keepsWeights: ReadonlySet<string> = new Set([
  ...['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Expand', 'Tile', 'Cast', 'Identity', 'DequantizeLinear', 'Mul', 'Div'],
])

/** Whether a value is a constant, in whatever view and however often repeated. */
function isWeights(value: Value): boolean {
  if (value.constant !== null) return true
  const node = value.producer
  if (node === null || node.domain !== '' || !keepsWeights.has(node.opType)) return false
  // Factors of both are looked at; what else a view reads is a shape.
  const factors = node.opType === 'Mul' || node.opType === 'Div' ? node.inputs : node.inputs.slice(0, 1)
  return factors.every((input) => input !== null && isWeights(input))
}

/** Where a projection begins, and what comes before it tells nothing of heads. */
const projections: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Conv', 'FusedMatMul', 'MatMulNBits'])
/** Exporters put no more operators between a projection and its heads, rotary embedding included. */
const mostNodes = 60

/** Whether, of [sequences, length, size], the first axis holds a part of what the last is another part of: heads. */
export function countsHeads(read: Value): boolean {
  if (rankOf(read) !== 3) return false
  const axes = new Axes()
  const before = nodesBefore(read)
  for (const node of before) axes.follow(node)
  const now = axes.of(read)
  const [sequences = [], size = []] = [now?.[0], now?.[2]]
  const values = before.flatMap(({ inputs, outputs }) => [...inputs.filter((input) => input !== null), ...outputs])
  return values.some((value) =>
    axes.of(value)?.some((axis) => axis.some((part) => sequences.includes(part)) && axis.some((part) => size.includes(part))),
  )
}

/** What computes a value from the products before it, in order. */
function nodesBefore(value: Value): readonly Node[] {
  const seen = new Set<Node>()
  const ordered: Node[] = []
  const visit = (node: Node | null): void => {
    if (node === null || seen.has(node) || seen.size >= mostNodes || projections.has(node.opType)) return
    seen.add(node)
    for (const input of node.inputs) visit(input?.producer ?? null)
    ordered.push(node)
  }
  visit(value.producer)
  return ordered
}

/** Rows of `rank` axes as [batch, length, size]. Sizes that only runs know are not asked for. */
export function inThreeAxes({ value, size }: Rows, rank: number, draft: Draft): Value {
  if (rank === 3) return value
  return draft.op('Reshape', [value, draft.ints([rank === 2 ? 1 : 0, -1, size as number])])
}

/** [batch, length, size] with `rank` axes again. */
export function outOfThreeAxes(value: Value, { size }: Rows, { rank, draft }: { readonly rank: number; readonly draft: Draft }): Value {
  if (rank === 3) return value
  return draft.op('Reshape', [value, draft.ints(rank === 2 ? [-1, size as number] : [0, 1, -1, size as number])])
}
