import { rule } from '../../rewrite/rule.ts'
import { normalizedSum, skipNorm } from './skip-norm.ts'

export const fuseSkipRmsNorm = rule({
  id: 'fuse-skip-rms-norm',
  summary: 'A residual sum before an RMS normalization belongs to it: SkipSimplifiedLayerNormalization, which also gives out the sum.',
  fidelity: 'rounding',
  pattern: normalizedSum('rms', 'SimplifiedLayerNormalization'),
  rewrite: (found, draft) => skipNorm('SkipSimplifiedLayerNormalization', found, draft),
})
