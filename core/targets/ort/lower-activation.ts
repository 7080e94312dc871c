import { float, floatOf, textOf } from '../../ir/attributes.ts'
import { canonicalActivation } from '../../rewrite/canonical.ts'
import { rule } from '../../rewrite/rule.ts'

export const lowerActivation = rule({
  id: 'lower-activation',
  summary: 'onnxruntime has GELU as Gelu, its tanh form as FastGelu, and SiLU as QuickGelu.',
  fidelity: 'rounding',
  pattern: canonicalActivation,
  rewrite({ x, activation }, draft) {
    const kind = textOf(activation, 'kind', '')
    if (kind === 'silu') return draft.op('com.microsoft.QuickGelu', [x], { alpha: float(floatOf(activation, 'alpha', 1)) })
    if (kind === 'gelu-tanh') return draft.op('com.microsoft.FastGelu', [x])
    return draft.opset() >= 20 ? draft.op('Gelu', [x]) : draft.op('com.microsoft.Gelu', [x])
  },
})
