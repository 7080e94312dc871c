import { int, intOf } from '../../ir/attributes.ts'
import { canonicalRotary } from '../../rewrite/canonical.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { turnedPart } from '../turned-part.ts'

/** onnxruntime's RotaryEmbedding; position 0 is the first row of the tables. */
export const rotaryToRotaryEmbedding = rule({
  id: 'rotary-to-rotary-embedding',
  summary: 'Rotary position embedding becomes the operator RotaryEmbedding.',
  fidelity: 'rounding',
  pattern: canonicalRotary,
  rewrite({ x, cos, sin, rotary }, draft) {
    if (shapeOf(cos)?.length !== 2) return reject('sequences have positions of their own, and the operator one table for all', cos)
    const inputs = [x, draft.ints([0], 'first_position'), cos, sin]
    const attributes = {
      num_heads: int(intOf(rotary, 'heads', 1)),
      interleaved: int(intOf(rotary, 'interleaved', 0)),
      ...turnedPart(x, cos, rotary),
    }
    return draft.op('com.microsoft.RotaryEmbedding', inputs, attributes, { name: rotary.name })
  },
})
