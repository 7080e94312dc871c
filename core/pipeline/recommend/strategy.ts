import type { Stage } from '../../api/pipeline.ts'
import { byteText } from '../../api/quantity.ts'
import { type Chosen, type Facts, isConvolutional, isLinear } from './facts.ts'
import { type Loss, losses } from './loss.ts'
import type { Option, Question, ReasonedStage } from './question.ts'

/** A way to lower precision: the least loss that must be allowed for it, and where it can be taken. */
interface Strategy {
  readonly id: string
  readonly title: string
  readonly loss: Loss
  readonly targets: readonly string[]
  readonly needsData?: true
  /** A sentence on why not, beyond target, data and loss. */
  against?(facts: Facts): string | null
  stages(facts: Facts, chosen: Chosen): readonly ReasonedStage[]
  /** Where the stages alone do not say it. */
  because?(facts: Facts, chosen: Chosen): string
}

const everywhere = ['ort', 'onnx', 'tensorrt', 'tflite']
const onnxOnly = ['ort', 'onnx']

const staged = (id: string, pass: string, options: Stage['options'], because: string): ReasonedStage => ({
  stage: { id, pass, options },
  because,
})

const noConvolutions = ({ weights }: Facts) => (isConvolutional(weights) ? null : 'Hardly any of its weights are in convolutions.')
const noProducts = ({ weights }: Facts) => (isLinear(weights) ? null : 'Hardly any of its weights are in matrix products.')

/** Blocks of narrow weights: operators of the runtime's own where it may have them, standard ones elsewhere. */
const blocks = (bits: number, { target }: Chosen): Stage['options'] => (target === 'ort' ? { bits } : { bits, form: 'qdq' })

const strategies: readonly Strategy[] = [
  {
    id: 'int4-weights',
    title: 'INT4 weights in blocks',
    loss: 'much',
    targets: onnxOnly,
    against: noProducts,
    stages: ({ weights }, chosen) => [
      staged(
        'int4',
        'quantize-weights',
        blocks(4, chosen),
        weights.decoder
          ? `It generates token by token from ${byteText(weights.products)} of weights: reading them sets the pace, and 4 bits are an eighth of float32 to read.`
          : `${byteText(weights.products)} of weights of matrix products shrink to about an eighth; activations stay in float.`,
      ),
    ],
  },
  {
    id: 'int8-convolutions',
    title: 'INT8, convolutions on calibrated ranges',
    loss: 'some',
    targets: onnxOnly,
    needsData: true,
    against: noConvolutions,
    stages: (facts) => [convolutionsStage(facts), ...(isLinear(facts.weights) ? [productsStage(facts)] : [])],
  },
  {
    id: 'int8-static',
    title: 'INT8, all on calibrated ranges',
    loss: 'some',
    targets: everywhere,
    needsData: true,
    stages: (_facts, { target }) => [staticStage(target)],
  },
  {
    id: 'int8-dynamic',
    title: 'INT8, products as they run',
    loss: 'some',
    targets: onnxOnly,
    against: noProducts,
    stages: (facts) => [productsStage(facts)],
  },
  {
    id: 'mixed',
    title: 'INT8 where it costs little',
    loss: 'little',
    targets: onnxOnly,
    needsData: true,
    against: ({ data }) => ((data?.evaluation ?? 0) > 0 ? null : 'Without evaluation samples nothing says what a mixture costs.'),
    stages: () => [
      staged(
        'mixed',
        'mixed-precision',
        {},
        'Each layer is tried alone in 8 bits; those that cost most stay in float, so that all cost at most half a point.',
      ),
    ],
  },
  {
    id: 'int8-weights',
    title: 'INT8 weights in blocks',
    loss: 'little',
    targets: onnxOnly,
    against: noProducts,
    stages: (_facts, chosen) => [
      staged(
        'int8',
        'quantize-weights',
        blocks(8, chosen),
        'A scale for every 32 weights keeps them close to float, at about a quarter of the size; activations stay in float.',
      ),
    ],
  },
  {
    id: 'float16',
    title: 'float16',
    loss: 'little',
    targets: ['onnx', 'tensorrt', 'tflite'],
    stages: (_facts, { target }) => [staged('float16', 'convert-float16', {}, half[target ?? 'onnx']!)],
  },
  {
    id: 'float16-weights',
    title: 'float16 weights',
    loss: 'little',
    targets: onnxOnly,
    stages: () => [
      staged('float16', 'convert-float16', { weightsOnly: true }, 'Half the file at the speed of float32, in which it still computes.'),
    ],
  },
  {
    id: 'float32',
    title: 'float32, as it is',
    loss: 'none',
    targets: everywhere,
    stages: () => [],
    because: (facts, chosen) =>
      chosen.data === 'none' && isConvolutional(facts.weights) && !isLinear(facts.weights)
        ? 'Convolutions gain from INT8 only with ranges from calibration samples.'
        : 'Nothing is lost, and nothing gained.',
  },
]

const half: Readonly<Record<string, string>> = {
  onnx: 'The file is for any runtime: float16 halves it with standard operators alone.',
  tensorrt: 'TensorRT computes float16 twice as fast as float32 and needs no data; INT8 would need calibration samples.',
  tflite: 'float16 halves the file at hardly any loss, and needs no calibration data.',
}

function convolutionsStage({ weights, machine }: Facts): ReasonedStage {
  const pairs = machine.int8DotProduct ? '' : ' Weights are pair-safe because this processor sums 8-bit products in 16 bits.'
  const because = `${byteText(weights.convolutions)} of the weights are in convolutions, which need ranges of activations known ahead; there is calibration data.${pairs}`
  return staged('static', 'quantize-static', { operators: ['Conv'] }, because)
}

const productsStage = ({ weights }: Facts): ReasonedStage =>
  staged(
    'int8',
    'quantize-dynamic',
    {},
    `${byteText(weights.products)} of the weights are in matrix products, which the runtime computes fastest in INT8 with ranges taken as it runs: no data needed.`,
  )

function staticStage(target: string | undefined): ReasonedStage {
  if (target === 'tensorrt')
    return staged(
      'static',
      'quantize-static',
      { activations: 'int8', symmetric: true },
      'TensorRT wants symmetric INT8 with ranges from calibration data, and there is some.',
    )
  return target === 'tflite'
    ? staged(
        'static',
        'quantize-static',
        { activations: 'int8' },
        'Phones compute INT8 fastest, and there is calibration data for the ranges.',
      )
    : staged(
        'static',
        'quantize-static',
        {},
        'Ranges of activations are taken from samples once, so that nothing has to find them at every run.',
      )
}

function against({ loss, targets, needsData, against: more }: Strategy, facts: Facts, chosen: Chosen): string | null {
  if (!targets.includes(chosen.target!)) return notThere[chosen.target!]!
  if (losses.indexOf(loss) > losses.indexOf(chosen.loss as Loss)) return 'It costs more than is allowed above.'
  if (needsData && chosen.data !== 'calibration')
    return facts.data?.calibration ? 'It needs calibration samples, which the answer above rules out.' : 'It needs calibration samples.'
  return more?.(facts) ?? null
}

const notThere: Readonly<Record<string, string>> = {
  ort: 'On x64 CPUs float16 is slower than float32: the runtime has hardly any kernels for it.',
  onnx: 'It needs operators that are not in the standard.',
  tensorrt: 'TensorRT has no kernels for it.',
  tflite: 'LiteRT takes it when the file is written (weights in 8 or 4 bits), not as a pass.',
}

const optionOf = (strategy: Strategy): Option => ({
  id: strategy.id,
  title: strategy.title,
  because: (facts, chosen) =>
    strategy.because?.(facts, chosen) ??
    strategy
      .stages(facts, chosen)
      .map(({ because }) => because)
      .join(' '),
  against: (facts, chosen) => against(strategy, facts, chosen),
  stages: strategy.stages,
})

/** In what precision, and where ranges come from. */
export const strategy: Question = {
  id: 'strategy',
  question: 'Which strategy?',
  options: strategies.map(optionOf),
  preferred(_facts, { target, loss, data }) {
    if (target === 'onnx') return [...(loss === 'much' ? ['int4-weights'] : []), 'float16', 'float32']
    if (target !== 'ort') return ['int8-static', 'float16', 'float32']
    if (loss === 'little') return ['mixed', 'int8-weights', 'float16-weights', 'float32']
    const eight = ['int8-convolutions', ...(data === 'calibration' ? ['int8-static'] : []), 'int8-dynamic', 'float32']
    return loss === 'much' ? ['int4-weights', ...eight] : eight
  },
  arises: ({ quantization }) => quantization === 'yes',
}
