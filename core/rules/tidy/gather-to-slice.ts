import { intOf, ints } from '../../ir/attributes.ts'
import type { Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { knownOf, numbersIn } from '../../shapes/known.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

/**
 * Exporters write the first positions of an axis as an index_select by arange. onnxruntime makes a Slice of it only where nobody else reads the
 * Range, and merging equal Ranges takes that away: along a last axis the Gather is then 30 times as slow as the Slice. Tables keep it:
 * their rows are looked up, and quantizers know them by that.
 */
export const gatherToSlice = rule({
  id: 'gather-to-slice',
  summary: 'Positions that follow one another are a Slice.',
  fidelity: 'exact',
  pattern: op('Gather', [any('data'), op('Range', [any('start'), any('limit'), scalar(1)], { shared: true })], 'gather'),
  rewrite({ data, start, limit, gather }, draft) {
    if (data.constant !== null) return reject('it looks up rows of a table', gather)
    if (draft.opset() < 10) return reject(`the operator set is ${draft.opset()}, it would have to be 10`, gather)
    if (dtypeOf(start) !== 'int64' || dtypeOf(limit) !== 'int64') return reject('the positions are not in int64', gather)
    // A Slice counts negative bounds from the end; a Range does not.
    if (!isSize(start)) return reject('it may start before 0', start)
    if (!isSize(limit)) return reject('it may end before 0', limit)
    const bounds = [start, limit].map((bound) => asBound(bound, draft))
    const axes = draft.ints([intOf(gather, 'axis', 0)], 'axes')
    return draft.op('Slice', [data, ...bounds, axes], {}, { name: gather.name, standsFor: gather })
  },
})

/** What makes sizes of sizes, and moves them. */
const keepsSizes: ReadonlySet<string> = new Set([
  ...['Gather', 'Slice', 'Split', 'Squeeze', 'Unsqueeze', 'Reshape', 'Identity'],
  ...['Add', 'Mul', 'Max', 'Min', 'Concat'],
])

/** Inputs behind these positions choose among the sizes and are none themselves. */
const moved: ReadonlySet<string> = new Set(['Gather', 'Slice', 'Split', 'Squeeze', 'Unsqueeze', 'Reshape'])

/** Whether a value is certainly not negative: it is made of sizes and of constants that are none. */
function isSize({ constant, producer }: Value): boolean {
  if (constant !== null) return numbersIn(knownOf(constant))?.every((entry) => entry >= 0) ?? false
  if (producer === null || producer.domain !== '') return false
  if (producer.opType === 'Shape' || producer.opType === 'Size') return true
  if (!keepsSizes.has(producer.opType)) return false
  const sources = moved.has(producer.opType) ? producer.inputs.slice(0, 1) : producer.inputs
  return sources.every((source) => source !== null && isSize(source))
}

/** A number of no dims as the list of one that bounds of a Slice are. */
function asBound(value: Value, draft: Draft): Value {
  const known = value.constant === null ? null : numbersIn(knownOf(value.constant))
  if (known !== null) return draft.ints(known, 'bound')
  return draft.opset() < 13 ? draft.op('Unsqueeze', [value], { axes: ints([0]) }) : draft.op('Unsqueeze', [value, draft.ints([0], 'axes')])
}
