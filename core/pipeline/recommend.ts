import type { Recommendation } from '../api/answers.ts'
import type { Machine } from '../api/measurement.ts'
import type { Stage, Target } from '../api/pipeline.ts'
import type { SampleData } from '../data/open.ts'
import type { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import type { Pass } from '../pass.ts'

export interface RecommendInput {
  readonly model: Model
  readonly target: Target
  readonly data: SampleData | null
  readonly machine: Machine
  readonly passes: readonly Pass[]
}

/** Where the weights of a model are, in bytes. */
interface Weights {
  readonly convolutions: number
  readonly products: number
  readonly lookups: number
  readonly total: number
  readonly quantized: boolean
  readonly decoder: boolean
}

interface Choice {
  readonly stage: Stage
  readonly because: string
}

/** Megabytes of weights from which reading them, not arithmetic, sets the pace of a decoder. */
const memoryBound = 500e6

/** Walks from what the model is, what it is for and what data there is to a pipeline; every stage says why it is there. */
export function recommendPipeline(input: RecommendInput): Recommendation {
  const { model, target, passes, data } = input
  const weights = weightsOf(model)
  const choices = [...tidying(), ...precision(input, weights)].filter(({ stage }) => passes.some(({ id }) => id === stage.pass))
  const reasons = choices.map(({ stage, because }) => ({ stage: stage.id, because }))
  if (data?.evaluation === undefined || data.evaluation === null) {
    reasons.push({
      stage: 'source',
      because:
        'There are no evaluation samples: accuracy can only be told as agreement on random inputs. A dataset.json would change that.',
    })
  }
  return { pipeline: { lathe: 1, name: `Recommended for ${target}`, target, stages: choices.map(({ stage }) => stage) }, reasons }
}

function tidying(): Choice[] {
  return [
    {
      stage: { id: 'tidy', pass: 'clean-up', options: {} },
      because: 'Removes what computes nothing; outputs stay the same up to rounding, and later stages find more.',
    },
    {
      stage: { id: 'fuse', pass: 'fuse', options: {} },
      because: 'Joins operators into the ones that the target has fast kernels for, before precision is changed.',
    },
  ]
}

function precision(input: RecommendInput, weights: Weights): Choice[] {
  const { target } = input
  if (weights.quantized) return []
  if (weights.total === 0) return []
  switch (target) {
    case 'ort':
      return forProcessor(input, weights)
    case 'tensorrt':
      return input.data?.calibration
        ? [
            staticStage(
              { activations: 'int8', symmetric: true },
              'TensorRT wants symmetric INT8 with ranges from calibration data, and there is some.',
            ),
          ]
        : [halfStage('TensorRT computes float16 twice as fast as float32 and needs no data; INT8 would need calibration samples.')]
    case 'tflite':
      return input.data?.calibration
        ? [staticStage({ activations: 'int8' }, 'Phones compute INT8 fastest, and there is calibration data for the ranges.')]
        : [halfStage('Without calibration data float16 halves the file at hardly any loss.')]
    case 'onnx':
      return [halfStage('The file is for any runtime: float16 halves it with standard operators alone.')]
  }
}

function forProcessor({ data, machine }: RecommendInput, weights: Weights): Choice[] {
  if (weights.decoder && weights.products > memoryBound) {
    return [
      {
        stage: { id: 'int4', pass: 'quantize-weights', options: { bits: 4 } },
        because: `It generates token by token from ${megabytes(weights.products)} of weights: reading them sets the pace, and 4 bits are an eighth of float32 to read.`,
      },
    ]
  }
  const choices: Choice[] = []
  const [convolutional, linear] = [weights.convolutions > 0.2 * weights.total, weights.products > 0.2 * weights.total]
  if (convolutional && data?.calibration) {
    const pairs = machine.int8DotProduct ? '' : ' Weights are pair-safe because this processor sums 8-bit products in 16 bits.'
    choices.push(
      staticStage(
        { operators: ['Conv'] },
        `${megabytes(weights.convolutions)} of the weights are in convolutions, which need ranges of activations known ahead; there is calibration data.${pairs}`,
      ),
    )
  }
  if (linear) {
    choices.push({
      stage: { id: 'int8', pass: 'quantize-dynamic', options: {} },
      because: `${megabytes(weights.products)} of the weights are in matrix products, which the runtime computes fastest in INT8 with ranges taken as it runs: no data needed.`,
    })
  }
  return choices
}

const staticStage = (options: Stage['options'], because: string): Choice => ({
  stage: { id: 'static', pass: 'quantize-static', options },
  because,
})

const halfStage = (because: string): Choice => ({ stage: { id: 'float16', pass: 'convert-float16', options: {} }, because })

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

const convolutions = new Set(['Conv', 'ConvTranspose', 'FusedConv'])
const products = new Set(['MatMul', 'Gemm', 'FusedMatMul', 'FusedGemm', 'LSTM', 'GRU', 'RNN', 'Attention'])
const lookups = new Set(['Gather', 'GatherElements', 'EmbedLayerNormalization'])
const quantizers = new Set([
  'QuantizeLinear',
  'DynamicQuantizeLinear',
  'MatMulInteger',
  'QLinearMatMul',
  'QLinearConv',
  'ConvInteger',
  'MatMulNBits',
])

function weightsOf(model: Model): Weights {
  const sums = { convolutions: 0, products: 0, lookups: 0 }
  let quantized = false
  for (const node of allNodes(model.graph)) {
    quantized ||= quantizers.has(node.opType)
    const kind = convolutions.has(node.opType) ? 'convolutions' : lookups.has(node.opType) ? 'lookups' : 'products'
    if (kind !== 'products' || products.has(node.opType)) sums[kind] += weightBytes(node)
  }
  const decoder =
    model.graph.inputs.some(({ name }) => /^past/i.test(name)) || model.graph.outputs.some(({ name }) => /^present/i.test(name))
  return { ...sums, total: sums.convolutions + sums.products + sums.lookups, quantized, decoder }
}

/** Bytes of the float constants of at least two axes that a node reads. */
function weightBytes(node: Node): number {
  return node.inputs.reduce((sum, input) => {
    const ref = input?.constant?.ref
    return ref !== undefined && ref.dims.length >= 2 && /^b?float/.test(ref.dtype) ? sum + ref.length : sum
  }, 0)
}
