import { intsOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { knownOf, numbersIn } from '../../shapes/known.ts'
import { rankOf } from '../../shapes/shape-facts.ts'

/** The first of the axes that a mean runs over, counted from the back, when they are all axes from it to the last; else why not. */
export function normalizedAxis(mean: Node): number | string {
  const input = mean.inputs[1]
  const axes = input == null ? intsOf(mean, 'axes') : input.constant === null ? null : numbersIn(knownOf(input.constant))
  if (axes === null) return 'the axes of the mean are not constant'
  const rank = rankOf(mean.inputs[0] as Value)
  const fromBack = axes.map((axis) => (axis < 0 ? axis : rank === null ? Number.NaN : axis - rank)).sort((a, b) => a - b)
  if (fromBack.some(Number.isNaN)) return 'the rank is not known'
  return fromBack.every((axis, i) => axis === i - fromBack.length) ? (fromBack[0] as number) : 'the mean does not run over the last axes'
}
