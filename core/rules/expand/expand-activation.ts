import { floatOf, textOf } from '../../ir/attributes.ts'
import type { DType } from '../../ir/dtype.ts'
import type { Value } from '../../ir/value.ts'
import { canonicalActivation } from '../../rewrite/canonical.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

export const expandActivation = rule({
  id: 'expand-activation',
  summary: 'The definition of an activation in standard operators.',
  fidelity: 'rounding',
  pattern: canonicalActivation,
  rewrite({ x, activation }, draft) {
    const kind = textOf(activation, 'kind', '')
    const type = dtypeOf(x) ?? 'float32'
    if (kind === 'silu') return silu(x, draft, { alpha: floatOf(activation, 'alpha', 1), type })
    const inner = kind === 'gelu' ? erf(x, draft, type) : tanh(x, draft, type)
    const onePlus = draft.op('Add', [inner, draft.scalar(1, type)])
    return draft.op('Mul', [draft.op('Mul', [x, onePlus]), draft.scalar(0.5, type)])
  },
})

const erf = (x: Value, draft: Draft, type: DType): Value => draft.op('Erf', [draft.op('Div', [x, draft.scalar(Math.SQRT2, type)])])

function tanh(x: Value, draft: Draft, type: DType): Value {
  const cube = draft.op('Mul', [draft.op('Mul', [x, x]), x])
  const sum = draft.op('Add', [x, draft.op('Mul', [cube, draft.scalar(0.044715, type)])])
  return draft.op('Tanh', [draft.op('Mul', [sum, draft.scalar(Math.sqrt(2 / Math.PI), type)])])
}

function silu(x: Value, draft: Draft, { alpha, type }: { alpha: number; type: DType }): Value {
  const inner = alpha === 1 ? x : draft.op('Mul', [x, draft.scalar(alpha, type)])
  return draft.op('Mul', [x, draft.op('Sigmoid', [inner])])
}
