import { intOf } from '../../ir/attributes.ts'
import { float32Tensor, floatsOf } from '../../ir/numbers.ts'
import { countOf, type Tensor } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { constant, op, rest } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/** Vision transformers put a learned class token before the patches of each image, expanded to the size of the batch, and add positions. */
export const constantRowsToPad = rule({
  id: 'constant-rows-to-pad',
  summary: 'Learned rows that are expanded over the batch, joined to others and added to a table are rows of zeros whose table holds them.',
  fidelity: 'exact',
  pattern: op('Add', [op('Concat', [rest('parts')], 'join'), constant('table')]),
  rewrite({ parts, join, table }, draft) {
    const shape = shapeOf(join.outputs[0] as Value)
    const rank = shape?.length ?? 0
    const axis = intOf(join, 'axis', 0) < 0 ? intOf(join, 'axis', 0) + rank : intOf(join, 'axis', 0)
    const dims = table.constant.ref.dims
    if (rank !== 3 || axis !== 1) return reject('it does not join rows of sequences', join)
    if (
      dims.length !== 3 ||
      dims[0] !== 1 ||
      !sameDim(dims[1] as number, shape?.[1] ?? null) ||
      !sameDim(dims[2] as number, shape?.[2] ?? null)
    )
      return reject('the table does not hold each row', table)
    if (table.constant.ref.dtype !== 'float32' || countOf(dims) > mostElements)
      return reject('the table is not in float32, or too large', table)
    const rows = parts.map((part) => (part === null ? null : learnedRows(part)))
    const kept = rows.flatMap((row, i) => (row === null ? [i] : []))
    const [at] = kept
    if (kept.length !== 1 || at === undefined || rows.length < 2) return reject('not all but one of the parts are learned rows', join)
    const lengths = rows.map((row) => row?.ref.dims[1] ?? 0)
    const before = lengths.slice(0, at).reduce(add, 0)
    const after = lengths.slice(at + 1).reduce(add, 0)
    const pads = draft.ints([0, before, 0, 0, after, 0], 'pads')
    const held = draft.constant(withRows(table.constant, rows), table.name)
    if (draft.opset() < 11) return reject(`the operator set is ${draft.opset()}, it would have to be 11`, join)
    return draft.op('Add', [draft.op('Pad', [parts[at] as Value, pads], {}, { name: join.name, standsFor: join }), held])
  },
})

/** Tables beyond this are not written anew. */
const mostElements = 2 ** 21

const add = (a: number, b: number): number => a + b

/** A constant [1, rows, size] that is expanded over the batch alone. */
function learnedRows(value: Value): Tensor | null {
  const expand = value.producer
  const tensor = expand?.opType === 'Expand' && expand.domain === '' ? (expand.inputs[0]?.constant ?? null) : null
  const [from, to] = [tensor?.ref.dims, shapeOf(value)]
  if (tensor === null || tensor.ref.dtype !== 'float32' || from?.length !== 3 || to?.length !== 3 || from[0] !== 1) return null
  return sameDim(from[1] as number, to[1] ?? null) && sameDim(from[2] as number, to[2] ?? null) ? tensor : null
}

/** The table with what is joined added at its rows. */
function withRows(table: Tensor, parts: readonly (Tensor | null)[]): Tensor {
  const [, rows = 0, size = 0] = table.ref.dims
  const sum = new Float32Array(floatsOf(table))
  const known = parts.reduce((count, part) => count + (part?.ref.dims[1] ?? 0), 0)
  let at = 0
  for (const part of parts) {
    const values = part === null ? new Float32Array((rows - known) * size) : floatsOf(part)
    for (let i = 0; i < values.length; i++) sum[at + i] = (sum[at + i] as number) + (values[i] as number)
    at += values.length
  }
  return float32Tensor([1, rows, size], sum)
}
