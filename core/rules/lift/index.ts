import type { Rule } from '../../rewrite/rule.ts'
import { liftGelu } from './lift-gelu.ts'
import { liftGeluTanh } from './lift-gelu-tanh.ts'
import { liftLayerNormalization } from './lift-layer-normalization.ts'
import { liftMomentsNormalization } from './lift-moments-normalization.ts'
import { liftNormCasts } from './lift-norm-casts.ts'
import { liftNormScale } from './lift-norm-scale.ts'
import { liftNormShift } from './lift-norm-shift.ts'
import { liftRmsNormalization } from './lift-rms-normalization.ts'
import { liftSilu } from './lift-silu.ts'

/**
 * Spellings of one thing turned into one operator of the private domain `lathe`, which the lowerings of a target turn into what it runs best:
 * `lathe.Activation(x)` with `kind` gelu, gelu-tanh or silu (x * sigmoid(alpha * x));
 * `lathe.Norm(x, scale?, shift?)` with `kind` layer or rms, `axis` (from the back) and `epsilon`.
 */
export const lifts = {
  gelu: [liftGelu],
  geluTanh: [liftGeluTanh],
  silu: [liftSilu],
  layerNorm: [liftLayerNormalization, liftMomentsNormalization],
  rmsNorm: [liftRmsNormalization],
  affine: [liftNormCasts, liftNormScale, liftNormShift],
} as const satisfies Readonly<Record<string, readonly Rule[]>>

/** Every lift, in the order in which they apply. */
export const lift: readonly Rule[] = Object.values(lifts).flat()
