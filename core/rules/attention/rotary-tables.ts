import { intOf } from '../../ir/attributes.ts'
import { countOf } from '../../ir/tensor.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/** What makes of each half of a table the same half of the result. */
const elementwise: ReadonlySet<string> = new Set(['Cos', 'Sin', 'Cast', 'Neg', 'Identity'])
const views: ReadonlySet<string> = new Set(['Unsqueeze', 'Reshape'])

/** Half of a table that holds every angle twice, and the value that stood there twice. */
export interface HalfTable {
  /** [length, size / 2], or [1 or batch, length, size / 2]. */
  readonly table: Value
  readonly source: Value
}

/**
 * The first half of a table [..., length, size] that is (a, a), without its axis for the heads: cosines or sines of doubled angles, scaled (YaRN, NTK), or
 * a doubled table. `null` where it is not known to be doubled.
 */
export function halfOfDoubled(value: Value, draft: Draft): HalfTable | null {
  const found = half(value, draft)
  const rank = found === null ? undefined : shapeOf(found.source)?.length
  return rank === 2 || rank === 3 ? found : null
}

function half(value: Value, draft: Draft): HalfTable | null {
  const node = value.producer
  if (node === null || node.domain !== '') return null
  const input = node.inputs[0] as Value
  if (isDoubling(node, value)) return { table: input, source: input }
  if (views.has(node.opType)) return half(input, draft)
  if (elementwise.has(node.opType)) return again(half(input, draft), (table) => draft.op(node.opType, [table], node.attributes))
  if (node.opType !== 'Mul' && node.opType !== 'Div') return null
  const [left, right] = node.inputs as [Value, Value]
  if (isNumber(right)) return again(half(left, draft), (table) => draft.op(node.opType, [table, right]))
  if (isNumber(left) && node.opType === 'Mul') return again(half(right, draft), (table) => draft.op('Mul', [left, table]))
  return null
}

const again = (found: HalfTable | null, step: (table: Value) => Value): HalfTable | null =>
  found === null ? null : { ...found, table: step(found.table) }

function isDoubling(node: Node, value: Value): boolean {
  const axis = intOf(node, 'axis', 0)
  const alongLast = axis === -1 || axis === (shapeOf(value)?.length ?? 0) - 1
  return node.opType === 'Concat' && alongLast && node.inputs.length === 2 && node.inputs[0] === node.inputs[1]
}

const isNumber = (value: Value): boolean => value.constant !== null && countOf(value.constant.ref.dims) === 1
