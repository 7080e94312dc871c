import { int, intOf } from '../ir/attributes.ts'
import type { Attribute, Node, Value } from '../ir/value.ts'
import { shapeOf } from '../shapes/shape-facts.ts'

/** Tables of fewer columns than half a head turn its first elements alone: how many, as RotaryEmbedding wants to be told; nothing for whole heads. */
export function turnedPart(x: Value, cos: Value, rotary: Node): Readonly<Record<string, Attribute>> {
  const [hidden, half] = [shapeOf(x)?.at(-1), shapeOf(cos)?.at(-1)]
  const whole = typeof hidden !== 'number' || typeof half !== 'number' || 2 * half === hidden / intOf(rotary, 'heads', 1)
  return whole ? {} : { rotary_embedding_dim: int(2 * half) }
}
