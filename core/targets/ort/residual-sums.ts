import type { Rule } from '../../rewrite/rule.ts'
import { fuseLoneSkipNorm } from './fuse-lone-skip-norm.ts'
import { fuseSkipNorm } from './fuse-skip-norm.ts'
import { fuseSkipNormBias } from './fuse-skip-norm-bias.ts'
import { fuseSkipRmsNorm } from './fuse-skip-rms-norm.ts'
import { splitSkipNorm } from './split-skip-norm.ts'

/**
 * What becomes of the sum before a normalization. SkipLayerNormalization is one operator for up to three, and its kernel for CPUs is slower than
 * the three: `joined` takes it everywhere, `apart` nowhere, `as the runtime` where onnxruntime would make it anyway as it loads the model, and
 * before RMS normalizations, where it costs least.
 */
export const residualSumChoices = ['as the runtime', 'joined', 'apart'] as const
export type ResidualSums = (typeof residualSumChoices)[number]

const joining: ReadonlySet<Rule> = new Set([fuseSkipNorm, fuseSkipRmsNorm, fuseSkipNormBias])

/** The lowerings of the target with those of residual sums that belong to a choice. */
export function withResidualSums(lowerings: readonly Rule[], choice: ResidualSums): readonly Rule[] {
  if (choice === 'joined') return lowerings
  if (choice === 'apart') return [...lowerings.filter((rule) => !joining.has(rule)), splitSkipNorm]
  return lowerings.map((rule) => (rule === fuseSkipNorm ? fuseLoneSkipNorm : rule))
}
