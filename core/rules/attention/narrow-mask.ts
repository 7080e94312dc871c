import { numbersOf } from '../../ir/numbers.ts'
import { countOf } from '../../ir/tensor.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, op, rest } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

/**
 * Conditions that always hold need not be in a mask that broadcasts to the scores anyway: `True and i >= 0 and padding` is `padding`.
 */
export const narrowMask = rule({
  id: 'narrow-mask',
  summary: 'Conditions that always hold leave the mask of an attention.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op(
    'lathe.Attention',
    [any('q'), any('k'), any('v'), op('Where', [any('keep'), any('open'), any('closed')], { name: 'where', shared: true }), rest('more')],
    'attention',
  ),
  rewrite({ q, k, v, keep, open, closed, more, attention }, draft) {
    const nothing = alwaysHolds(keep) && isZero(open)
    const narrowed = nothing ? keep : withoutTruths(keep, draft)
    if (narrowed === keep && !nothing) return reject('every condition of the mask decides something', keep)
    const inputs = [q, k, v, nothing ? null : draft.op('Where', [narrowed, open, closed]), ...more]
    while (inputs.at(-1) === null) inputs.pop()
    const attributes = Object.fromEntries([...attention.attributes].filter(([name]) => !nothing || name !== 'safe'))
    return draft.ops('lathe.Attention', inputs, attributes, { outputs: attention.outputs.length })
  },
})

/** The condition without the parts of a conjunction that always hold; the same value when there are none. */
function withoutTruths(value: Value, draft: Draft): Value {
  const node = value.producer
  if (node?.opType !== 'And') return value
  const [left, right] = node.inputs as [Value, Value]
  if (alwaysHolds(left)) return withoutTruths(right, draft)
  if (alwaysHolds(right)) return withoutTruths(left, draft)
  const [a, b] = [withoutTruths(left, draft), withoutTruths(right, draft)]
  return a === left && b === right ? value : draft.op('And', [a, b])
}

function alwaysHolds(value: Value): boolean {
  const constant = value.constant
  if (constant !== null) return countOf(constant.ref.dims) <= 16 && [...numbersOf(constant)].every((bit) => bit === 1)
  const node = value.producer
  if (node?.opType === 'And') return node.inputs.every((input) => input !== null && alwaysHolds(input))
  return node?.opType === 'GreaterOrEqual' && countsUp(node.inputs[0] as Value) && isZero(node.inputs[1] as Value)
}

/** Positions: a Range from a constant that is not negative, in whatever view. */
function countsUp(value: Value): boolean {
  let node: Node | null = value.producer
  while (node?.opType === 'Reshape' || node?.opType === 'Unsqueeze') node = node.inputs[0]?.producer ?? null
  if (node?.opType !== 'Range') return false
  const [start, , delta] = node.inputs.map((input) => (input?.constant == null ? null : (numbersOf(input.constant)[0] ?? null)))
  return start != null && start >= 0 && delta != null && delta > 0
}

const isZero = (value: Value): boolean =>
  value.constant !== null && countOf(value.constant.ref.dims) === 1 && numbersOf(value.constant)[0] === 0
