import { float, floatOf, intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { type Rejection, type Replacements, reject } from '../../rewrite/rule.ts'
import { dtypeOf, rankOf, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

/** A normalization of a sum, canonical (of a kind) or already as onnxruntime has it; `shared`: of a sum that others may read too. */
export const normalizedSum = (kind: 'layer' | 'rms', type: string, { shared = true } = {}) => {
  const sum = op('Add', [any('a'), any('b')], { name: 'add', shared })
  return oneOf(
    op('lathe.Norm', [sum, constant('scale'), maybe(constant('shift'))], { name: 'norm', attributes: { kind } }),
    op(type, [sum, constant('scale'), maybe(constant('shift'))], 'norm'),
  )
}

interface NormalizedSum {
  readonly a: Value
  readonly b: Value
  readonly add: Node
  readonly scale: Value
  readonly shift: Value | null
  readonly norm: Node
}

/** A normalization with the sum before it as one operator, whose first output is the normalized sum and whose fourth the sum itself. */
export function skipNorm(type: string, { a, b, add, scale, shift, norm }: NormalizedSum, draft: Draft): Replacements | Rejection {
  const [total] = add.outputs as [Value]
  const rank = rankOf(total)
  if (rank !== 3 || ![-1, rank - 1].includes(intOf(norm, 'axis', -1))) return reject('it does not normalize the last of three axes', norm)
  if (!sameShape(shapeOf(a), shapeOf(b))) return reject('what is added has another shape', add)
  if (dtypeOf(total) !== 'float32') return reject('it is not in float32', add)
  if (norm.outputs.length > 1) return reject('the normalization also gives out its statistics', norm)
  const inputs = shift === null ? [a, b, scale] : [a, b, scale, shift]
  const sumIsRead = total.isOutput || total.uses.some((use) => use.node !== norm)
  const outputs = draft.ops(
    `com.microsoft.${type}`,
    inputs,
    { epsilon: float(floatOf(norm, 'epsilon', 1e-5)) },
    { outputs: sumIsRead ? [true, false, false, true] : 1 },
  )
  const first = { old: norm.outputs[0] as Value, by: outputs[0] as Value }
  return { replace: sumIsRead ? [first, { old: total, by: outputs[3] as Value }] : [first] }
}
