import { ints, intsOf } from '../../ir/attributes.ts'
import type { Dim, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { productOf, sameDim } from '../../shapes/dim.ts'
import { reshapeTarget, shapeOf } from '../../shapes/shape-facts.ts'

/**
 * Attention over pictures takes queries apart into rows and columns before it puts the heads behind them (SAM): both can be done the other way
 * around, which is how attention over sequences is written.
 */
export const viewAfterContext = rule({
  id: 'view-after-context',
  summary: 'Queries can be taken apart into rows and columns after the heads are put behind them.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op(
    'Transpose',
    [op('Reshape', [op('MatMul', [op('Softmax', [any()], { shared: true }), any()], 'context'), any()], 'split')],
    'transpose',
  ),
  rewrite({ context, split, transpose }, draft) {
    const value = context.outputs[0] as Value
    const [from, apart] = [shapeOf(value), shapeOf(split.outputs[0] as Value)]
    const groups = from?.length === 4 && apart !== null ? groupsOf(from, apart) : null
    if (groups === null) return reject('the view is not known to take single axes apart', split)
    const [batch, heads, length, size] = groups as readonly (readonly number[])[]
    if (batch?.length !== 1 || heads?.length !== 1 || size?.length !== 1) return reject('the view takes more apart than the queries', split)
    const order = [batch, length, heads, size].flat().join()
    if ((intsOf(transpose, 'perm') ?? []).join() !== order) return reject('the heads do not come to stand behind the queries', transpose)
    const turned = draft.op('Transpose', [value], { perm: ints([0, 2, 1, 3]) })
    const target = reshapeTarget([from?.[0], from?.[2], from?.[1], from?.[3]] as Dim[], shapeOf(transpose.outputs[0] as Value))
    return target === null ? reject('no constant says the final shape', transpose) : draft.op('Reshape', [turned, draft.ints(target)])
  },
})

/** Which axes of `apart` each axis of `from` became; `null` where axes are merged or not known to be the same. */
function groupsOf(from: readonly Dim[], apart: readonly Dim[]): readonly (readonly number[])[] | null {
  let at = 0
  const groups: number[][] = []
  for (const dim of from) {
    const group: number[] = []
    while (at < apart.length && (group.length === 0 || !sameDim(productOf(group.map((axis) => apart[axis] ?? null)), dim))) group.push(at++)
    if (!sameDim(productOf(group.map((axis) => apart[axis] ?? null)), dim)) return null
    groups.push(group)
  }
  return at === apart.length ? groups : null
}
