import { rule } from '../../rewrite/rule.ts'
import { normalizedSum, skipNorm } from './skip-norm.ts'

/** The part of `fuse-skip-norm` that onnxruntime does itself when it loads a model whose shapes it can infer. */
export const fuseLoneSkipNorm = rule({
  id: 'fuse-lone-skip-norm',
  summary:
    'A residual sum that only a layer normalization reads belongs to it: SkipLayerNormalization, as the runtime itself would write it.',
  fidelity: 'rounding',
  pattern: normalizedSum('layer', 'LayerNormalization', { shared: false }),
  rewrite: (found, draft) => skipNorm('SkipLayerNormalization', found, draft),
})
