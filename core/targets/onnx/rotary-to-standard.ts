import { int, intOf } from '../../ir/attributes.ts'
import type { Attribute, Value } from '../../ir/value.ts'
import { canonicalRotary } from '../../rewrite/canonical.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { turnedPart } from '../turned-part.ts'

/** The standard RotaryEmbedding; without positions it takes tables [batch, length, size / 2]. */
export const rotaryToStandard = rule({
  id: 'rotary-to-standard',
  summary: 'Rotary position embedding is the standard operator from operator set 23 on.',
  fidelity: 'rounding',
  pattern: canonicalRotary,
  rewrite({ x, cos, sin, rotary }, draft) {
    if (draft.opset() < 23) return reject(`the operator set is ${draft.opset()}, it would have to be 23`, rotary)
    const [c, s] = shapeOf(cos)?.length === 2 ? repeated([cos, sin], x, draft) : [cos, sin]
    const neighbours: Readonly<Record<string, Attribute>> = intOf(rotary, 'interleaved', 0) === 1 ? { interleaved: int(1) } : {}
    const attributes = { num_heads: int(intOf(rotary, 'heads', 1)), ...neighbours, ...turnedPart(x, cos, rotary) }
    return draft.op('RotaryEmbedding', [x, c as Value, s as Value], attributes, { name: rotary.name })
  },
})

/** Tables [length, size / 2] for each sequence of a batch. */
function repeated(tables: readonly Value[], x: Value, draft: Draft): readonly Value[] {
  const batch = draft.op('Shape', [x], { start: int(0), end: int(1) })
  const shape = draft.op('Concat', [batch, draft.ints([1, 1])], { axis: int(0) })
  return tables.map((table) => draft.op('Expand', [table, shape]))
}
