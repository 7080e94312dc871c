import type { Target } from '../api/pipeline.ts'
import type { Rule } from '../rewrite/rule.ts'
import { lowerActivation as standardActivation } from './onnx/lower-activation.ts'
import { lowerNorm as standardNorm } from './onnx/lower-norm.ts'
import { fuseBiasGelu } from './ort/fuse-bias-gelu.ts'
import { fuseSkipNorm } from './ort/fuse-skip-norm.ts'
import { lowerActivation } from './ort/lower-activation.ts'
import { lowerNorm } from './ort/lower-norm.ts'

const standard: readonly Rule[] = [standardNorm, standardActivation]

/** What turns canonical operators into those of a target, first what fuses more. */
export const lowerings: Readonly<Record<Target, readonly Rule[]>> = {
  onnx: standard,
  ort: [fuseSkipNorm, fuseBiasGelu, lowerNorm, lowerActivation],
  tensorrt: standard,
  tflite: [],
}
