import type { Value } from '../../ir/value.ts'
import { type Rewritten, reject } from '../../rewrite/rule.ts'
import { dtypeOf, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

/** Whether `by` can stand for `output` without an Identity between them: graph outputs must be computed, under a name of their own. */
export const canStandFor = (by: Value, output: Value): boolean =>
  !output.isOutput || (by.producer !== null && by.graph === output.graph && !by.isInput && !by.isOutput)

/** The operator's input instead of its result, when both certainly have the same type. */
export function passThrough(x: Value, output: Value): Rewritten {
  if (dtypeOf(x) === null || dtypeOf(x) !== dtypeOf(output)) return reject('the element type changes or is not known', output)
  return sameShape(shapeOf(x), shapeOf(output)) ? x : reject('the shape changes or is not known', output)
}
