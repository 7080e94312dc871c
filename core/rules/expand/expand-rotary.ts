import { int, intOf } from '../../ir/attributes.ts'
import type { Value } from '../../ir/value.ts'
import { canonicalRotary } from '../../rewrite/canonical.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

export const expandRotary = rule({
  id: 'expand-rotary',
  summary: 'The definition of rotary position embedding in standard operators.',
  fidelity: 'rounding',
  pattern: canonicalRotary,
  rewrite({ x, cos, sin, rotary }, draft) {
    const heads = intOf(rotary, 'heads', 1)
    const hidden = shapeOf(x)?.[2]
    if (typeof hidden !== 'number') return reject('the hidden size is not known', x)
    const size = hidden / heads
    const half = shapeOf(cos)?.at(-1)
    if (typeof half !== 'number') return reject('the width of the tables is not known', cos)
    // What of each head is turned, and what stays.
    const parts = 2 * half === size ? [x] : partsOf(x, { heads, size, turned: 2 * half }, draft)
    // [batch, length, heads, 2, half], or neighbours [batch, length, heads, half, 2]: what goes together on an axis of its own.
    const interleaved = intOf(rotary, 'interleaved', 0) === 1
    const pairs = interleaved ? [half, 2] : [2, half]
    const split = draft.op('Reshape', [parts[0] as Value, draft.ints([0, 0, heads, ...pairs])])
    const part = (index: number) => draft.op('Gather', [split, draft.scalar(index, 'int64')], { axis: int(interleaved ? 4 : 3) })
    const [first, second] = [part(0), part(1)]
    const perSequence = shapeOf(cos)?.length === 3
    const table = (values: Value) => draft.op('Reshape', [values, draft.ints(perSequence ? [0, 0, 1, half] : [-1, 1, half])])
    const [c, s] = [table(cos), table(sin)]
    const times = (a: Value, b: Value) => draft.op('Mul', [a, b])
    const low = draft.op('Sub', [times(first, c), times(second, s)])
    const high = draft.op('Add', [times(second, c), times(first, s)])
    const beside = (value: Value) => (interleaved ? draft.op('Unsqueeze', [value, draft.ints([4])]) : value)
    const joined = draft.op('Concat', [beside(low), beside(high)], { axis: int(-1) })
    const whole =
      parts[1] === undefined
        ? joined
        : draft.op('Concat', [draft.op('Reshape', [joined, draft.ints([0, 0, heads, 2 * half])]), parts[1]], { axis: int(3) })
    return draft.op('Reshape', [whole, draft.ints([0, 0, hidden])])
  },
})

interface Parts {
  readonly heads: number
  readonly size: number
  readonly turned: number
}

/** The first elements of each head, and the others. */
function partsOf(x: Value, { heads, size, turned }: Parts, draft: Draft): readonly Value[] {
  const apart = draft.op('Reshape', [x, draft.ints([0, 0, heads, size])])
  return draft.ops('Split', [apart, draft.ints([turned, size - turned])], { axis: int(3) }, 2)
}
