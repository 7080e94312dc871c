import { float, floatOf, int, intOf, textOf } from '../../ir/attributes.ts'
import { canonicalNorm } from '../../rewrite/canonical.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { onesFor } from '../onnx/lower-norm.ts'

export const lowerNorm = rule({
  id: 'lower-norm',
  summary:
    "A layer normalization is LayerNormalization from operator set 17 on, an RMS normalization onnxruntime's SimplifiedLayerNormalization.",
  fidelity: 'rounding',
  pattern: canonicalNorm,
  rewrite({ x, scale, shift, norm }, draft) {
    const axis = intOf(norm, 'axis', -1)
    const weight = scale ?? onesFor(x, axis, draft)
    if (weight === null) return reject('the size of the normalized axes is not known', x)
    const attributes = { axis: int(axis), epsilon: float(floatOf(norm, 'epsilon', 1e-5)) }
    if (textOf(norm, 'kind', '') === 'rms')
      return draft.op('SimplifiedLayerNormalization', [x, weight], { ...attributes, stash_type: int(1) })
    if (draft.opset() < 17) return reject(`the operator set is ${draft.opset()}, it would have to be 17`, norm)
    return draft.op('LayerNormalization', shift === null ? [x, weight] : [x, weight, shift], attributes)
  },
})
