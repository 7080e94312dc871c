import type { Lowering } from '../conversion.ts'
import { activation } from './activation.ts'
import { attentions } from './attention.ts'
import { composedNormalization } from './composed-normalization.ts'
import { composedReductions } from './composed-reductions.ts'
import { constants } from './constants.ts'
import { convolution } from './convolution.ts'
import { quantization } from './eight-bit.ts'
import { einsums } from './einsum.ts'
import { elementwise } from './elementwise.ts'
import { functions } from './functions.ts'
import { indexing } from './indexing.ts'
import { movement } from './movement.ts'
import { normalization } from './normalization.ts'
import { products } from './products.ts'
import { recurrence } from './recurrent.ts'
import { reductions } from './reductions.ts'
import { resampling } from './resampling.ts'
import { scattering } from './scattering.ts'
import { shapes } from './shapes.ts'
import { sliding } from './sliding.ts'
import { transposedConvolution } from './transposed-convolution.ts'

/** Every operator that can be converted: the standard domain by name, others as `domain:name`. */
export const lowerings: Readonly<Record<string, Lowering>> = {
  ...elementwise,
  ...convolution,
  ...products,
  ...reductions,
  ...movement,
  ...normalization,
  ...activation,
  ...functions,
  ...attentions,
  ...einsums,
  ...composedNormalization,
  ...composedReductions,
  ...recurrence,
  ...constants,
  ...shapes,
  ...sliding,
  ...scattering,
  ...transposedConvolution,
  ...resampling,
  ...indexing,
  ...quantization,
}
