import type { Dim, Node, Value } from '../../ir/value.ts'
import { any, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

const flatIndices = op('Add', [any('columns'), op('Mul', [any('rows'), any('width')], 'offsets')], 'indices')
const byPosition = op(
  ['Reshape', 'Squeeze'],
  [op('Gather', [op('Flatten', [any('table')], { name: 'flat', shared: true }), flatIndices], 'gathered'), any('dims')],
  'view',
)
const pairs = op(
  'Concat',
  [
    op(['Unsqueeze', 'Reshape'], [op('Expand', [any('rows'), any('grid')], { shared: true }), any()]),
    op(['Unsqueeze', 'Reshape'], [op('Expand', [any('columns'), any('grid')], { shared: true }), any()]),
  ],
  'pairs',
)
const byPair = op('GatherND', [any('table'), pairs], 'gathered')

/**
 * A table [rows, columns] read at every (row, column) in order is the table itself with axes of size 1 put in.
 * Exporters write padding masks so when they trace a function of positions (`vmap`).
 */
export const viewGatheredGrid = rule({
  id: 'view-gathered-grid',
  summary: 'A table gathered at all of its places in order is a view of the table.',
  fidelity: 'exact',
  pattern: oneOf(byPair, byPosition),
  rewrite({ table, rows, columns, view, gathered }, draft) {
    const shape = shapeOf(table)
    if (shape?.length !== 2) return reject('the table has not two axes', table)
    const [height, width] = shape as readonly [Dim, Dim]
    if (!counts(rows, height, 0)) return reject('the rows are not known to be 0, 1, 2 ... to the last', rows)
    if (!counts(columns, width, 3)) return reject('the columns are not known to be 0, 1, 2 ... to the last', columns)
    const result = shapeOf((view ?? gathered).outputs[0] as Value)
    if (result?.length !== 4 || !sameDim(result[0] ?? null, height) || !sameDim(result[3] ?? null, width)) {
      return reject('the result has not the axes of the table', view ?? gathered)
    }
    return draft.op('Unsqueeze', [table, draft.ints([1, 2])])
  },
})

/** Whether a value is the numbers from 0 up to `size`, along `axis` of a value of four axes, all others 1. */
function counts(value: Value, size: Dim, axis: number): boolean {
  const shape = shapeOf(value)
  if (shape?.length !== 4 || shape.some((dim, i) => i !== axis && dim !== 1) || !sameDim(shape[axis] ?? null, size)) return false
  let node: Node | null = value.producer
  while (node?.opType === 'Reshape' || node?.opType === 'Unsqueeze') node = node.inputs[0]?.producer ?? null
  if (node?.opType !== 'Range') return false
  const [start, , delta] = node.inputs
  return isNumber(start, 0) && isNumber(delta, 1)
}

const isNumber = (value: Value | null | undefined, wanted: number): boolean => {
  const constant = value?.constant
  return (
    constant != null &&
    constant.ref.dtype === 'int64' &&
    Number(new DataView(constant.read().slice().buffer).getBigInt64(0, true)) === wanted
  )
}
