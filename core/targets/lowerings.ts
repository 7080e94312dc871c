import type { Target } from '../api/pipeline.ts'
import type { Rule } from '../rewrite/rule.ts'
import { attentionToStandard } from './onnx/attention-to-standard.ts'
import { lowerActivation as standardActivation } from './onnx/lower-activation.ts'
import { lowerNorm as standardNorm } from './onnx/lower-norm.ts'
import { rotaryToStandard } from './onnx/rotary-to-standard.ts'
import { attentionToGroupQueryAttention } from './ort/attention-to-group-query-attention.ts'
import { attentionToMultiHeadAttention } from './ort/attention-to-multi-head-attention.ts'
import { attentionToPackedAttention } from './ort/attention-to-packed-attention.ts'
import { fuseBatchTransposeIntoMatmul } from './ort/fuse-batch-transpose-into-matmul.ts'
import { fuseBiasGelu } from './ort/fuse-bias-gelu.ts'
import { fuseBiasIntoDynamicQuantizeMatmul } from './ort/fuse-bias-into-dynamic-quantize-matmul.ts'
import { fuseDynamicQuantizeMatmul } from './ort/fuse-dynamic-quantize-matmul.ts'
import { fuseEmbedNorm } from './ort/fuse-embed-norm.ts'
import { fuseLoneSkipNorm } from './ort/fuse-lone-skip-norm.ts'
import { fusePackedBiasIntoAttention } from './ort/fuse-packed-bias-into-attention.ts'
import { fuseScaleIntoMatmul } from './ort/fuse-scale-into-matmul.ts'
import { fuseSkipNorm } from './ort/fuse-skip-norm.ts'
import { fuseSkipNormBias } from './ort/fuse-skip-norm-bias.ts'
import { fuseSkipRmsNorm } from './ort/fuse-skip-rms-norm.ts'
import { fuseTransposeIntoMatmul } from './ort/fuse-transpose-into-matmul.ts'
import { keepSumBeforeNorm } from './ort/keep-sum-before-norm.ts'
import { lowerActivation } from './ort/lower-activation.ts'
import { lowerNorm } from './ort/lower-norm.ts'
import { rotaryToRotaryEmbedding } from './ort/rotary-to-rotary-embedding.ts'
import { lowerActivation as tfliteActivation } from './tflite/lower-activation.ts'

const standard: readonly Rule[] = [standardNorm, standardActivation, attentionToStandard, rotaryToStandard]

/** What turns canonical operators into those of a target, first what fuses more. */
export const lowerings: Readonly<Record<Target, readonly Rule[]>> = {
  onnx: standard,
  ort: [
    fuseEmbedNorm,
    fuseSkipNorm,
    fuseSkipRmsNorm,
    fuseSkipNormBias,
    keepSumBeforeNorm,
    fuseBiasGelu,
    lowerNorm,
    lowerActivation,
    attentionToMultiHeadAttention,
    fusePackedBiasIntoAttention,
    attentionToGroupQueryAttention,
    attentionToStandard,
    rotaryToRotaryEmbedding,
    rotaryToStandard,
    fuseTransposeIntoMatmul,
    fuseBatchTransposeIntoMatmul,
    fuseScaleIntoMatmul,
    fuseDynamicQuantizeMatmul,
    fuseBiasIntoDynamicQuantizeMatmul,
  ],
  tensorrt: standard,
  tflite: [tfliteActivation],
}

/** Lowerings that take something away (precisions of their own, for query, key and value): for places where they are timed to be faster. */
export const costly: readonly Rule[] = [attentionToPackedAttention]

/** Lowerings of which it hangs on sizes and processor whether they are faster than what the others make of the same place. */
export const disputed: ReadonlySet<Rule> = new Set([
  ...costly,
  fuseSkipNorm,
  fuseLoneSkipNorm,
  fuseSkipRmsNorm,
  fuseBiasGelu,
  lowerActivation,
  attentionToMultiHeadAttention,
  attentionToGroupQueryAttention,
  attentionToStandard,
  fuseTransposeIntoMatmul,
  fuseScaleIntoMatmul,
])
