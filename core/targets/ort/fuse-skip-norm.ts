import { rule } from '../../rewrite/rule.ts'
import { normalizedSum, skipNorm } from './skip-norm.ts'

/**
 * Fewer nodes, and on CPUs slower than the two apart: the kernel takes 1.5 to 2.5 times their processor time (docs/measured.md, 6).
 * `keep-sum-before-norm` is the other way.
 */
export const fuseSkipNorm = rule({
  id: 'fuse-skip-norm',
  summary: 'A residual sum before a layer normalization belongs to it: SkipLayerNormalization, which also gives out the sum.',
  fidelity: 'rounding',
  pattern: normalizedSum('layer', 'LayerNormalization'),
  rewrite: (found, draft) => skipNorm('SkipLayerNormalization', found, draft),
})
