import { int, intOf } from '../../ir/attributes.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

/** onnxruntime's RotaryEmbedding; position 0 is the first row of the tables. */
export const rotaryToRotaryEmbedding = rule({
  id: 'rotary-to-rotary-embedding',
  summary: 'Rotary position embedding becomes the operator RotaryEmbedding.',
  fidelity: 'rounding',
  pattern: op('lathe.Rotary', [any('x'), any('cos'), any('sin')], 'rotary'),
  rewrite: ({ x, cos, sin, rotary }, draft) =>
    draft.op(
      'com.microsoft.RotaryEmbedding',
      [x, draft.ints([0], 'first_position'), cos, sin],
      { num_heads: int(intOf(rotary, 'heads', 1)), interleaved: int(0) },
      { name: rotary.name },
    ),
})
