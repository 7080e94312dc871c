import type { Node } from '../ir/value.ts'
import { Unconvertible } from './unconvertible.ts'

interface Refusal {
  readonly reason: string
  readonly mend: string
}

const computedLength = (what: string): Refusal => ({
  reason: `the length of the result depends on the values: ${what}`,
  mend: 'End the model before this node and do the rest in the application.',
})
const branches: Refusal = {
  reason: 'control flow that depends on an input',
  mend: 'Give the condition a fixed value, so that clean-up keeps one branch, or export the model without control flow.',
}
const repeats: Refusal = { reason: 'a loop', mend: 'Export the model with the loop unrolled, or run it step by step in the application.' }
const training: Refusal = { reason: 'a part of training', mend: 'Export the model for inference.' }
const sequences: Refusal = { reason: 'values that are no tensors', mend: 'Export the model with tensors alone.' }
const classical: Refusal = {
  reason: 'an operator of classical machine learning, which the runtime does not have',
  mend: 'End the model before this node and do the rest in the application.',
}
const bits: Refusal = { reason: 'the runtime has no such operator on bits', mend: 'Do it with comparisons and sums.' }
const random: Refusal = { reason: 'random numbers', mend: 'Give them to the model as an input.' }

const dynamic: Refusal = {
  reason: 'weights and products in a form that only ONNX Runtime has',
  mend: 'Export the float model with --weights int8 or int4: the runtime then quantizes activations as it runs.',
}

const operatorForm: Refusal = {
  reason: 'a product in operators of quantized numbers',
  mend: 'Quantize the float model with quantizers between its operators (quantize-static, or the preset mobile-int8), and export that.',
}

const known: Readonly<Record<string, Refusal>> = {
  If: branches,
  Loop: repeats,
  Scan: repeats,
  NonMaxSuppression: computedLength('as many rows as boxes are kept'),
  NonZero: computedLength('as many columns as elements are not zero'),
  Compress: computedLength('as many elements as are chosen'),
  Unique: computedLength('as many elements as differ'),
  DynamicQuantizeLinear: dynamic,
  QLinearConv: operatorForm,
  QLinearMatMul: operatorForm,
  MatMulInteger: dynamic,
  ConvInteger: dynamic,
  BitwiseAnd: bits,
  BitwiseOr: bits,
  Adam: training,
  Adagrad: training,
  Momentum: training,
  Gradient: training,
  SoftmaxCrossEntropyLoss: training,
  NegativeLogLikelihoodLoss: training,
  Bernoulli: random,
  RandomNormal: random,
  RandomNormalLike: random,
  RandomUniform: random,
  RandomUniformLike: random,
  Multinomial: random,
  ...Object.fromEntries(
    [
      ...['SequenceAt', 'SequenceConstruct', 'SequenceEmpty', 'SequenceErase', 'SequenceInsert', 'SequenceLength', 'SequenceMap'],
      ...['SplitToSequence', 'ConcatFromSequence', 'Optional', 'OptionalGetElement', 'OptionalHasElement'],
    ].map((name) => [name, sequences]),
  ),
}

/** Products of ONNX Runtime with quantized weights. */
const contribForms: ReadonlySet<string> = new Set([
  'MatMulNBits',
  'DynamicQuantizeMatMul',
  'DynamicQuantizeLSTM',
  'MatMulIntegerToFloat',
  'GatherBlockQuantized',
])

/** Why a node that reads or gives texts cannot be converted. */
export const textRefusal = (): Unconvertible =>
  new Unconvertible(
    'texts, which the runtime does not compute with',
    'Leave texts to the application: let the model take and give numbers.',
  )

/** Why a node that reads nothing cannot be converted. */
export const emptyRefusal = (): Unconvertible =>
  new Unconvertible('a tensor without elements, which the runtime does not take', 'Leave out the part of the model that computes it.')

/** Why an operator without a lowering cannot be converted. */
export function refusalOf({ domain, opType }: Node): Unconvertible {
  const contrib =
    domain !== 'com.microsoft' ? undefined : contribForms.has(opType) ? dynamic : opType.startsWith('QLinear') ? operatorForm : undefined
  const found = domain === '' ? known[opType] : domain === 'ai.onnx.ml' ? classical : contrib
  if (found !== undefined) return new Unconvertible(found.reason, found.mend)
  return new Unconvertible(
    `the operator ${domain === '' ? '' : `${domain}.`}${opType} has no conversion`,
    'End the model before this node and do the rest in the application, or leave this part out.',
  )
}
