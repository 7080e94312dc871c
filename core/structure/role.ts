import type { Node, Value } from '../ir/value.ts'
import { isOuterProduct } from './weights.ts'

/** What the nodes of a layer do together, by the most telling operator among them. Earlier lines win. */
const roles: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['attention', new Set(['Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'QAttention', 'DecoderMaskedMultiHeadAttention'])],
  [
    'convolution',
    new Set(['Conv', 'ConvTranspose', 'FusedConv', 'ConvInteger', 'QLinearConv', 'CONV_2D', 'DEPTHWISE_CONV_2D', 'TRANSPOSE_CONV']),
  ],
  ['recurrent', new Set(['LSTM', 'GRU', 'RNN', 'DynamicQuantizeLSTM'])],
  [
    'linear',
    new Set([
      'Gemm',
      'MatMul',
      'FusedMatMul',
      'FusedGemm',
      'MatMulInteger',
      'DynamicQuantizeMatMul',
      'QLinearMatMul',
      'QGemm',
      'MatMulNBits',
      'FULLY_CONNECTED',
      'BATCH_MATMUL',
    ]),
  ],
  ['embedding', new Set(['Gather', 'EmbedLayerNormalization', 'GatherBlockQuantized', 'GATHER'])],
  [
    'normalization',
    new Set([
      ...['LayerNormalization', 'BatchNormalization', 'InstanceNormalization', 'GroupNormalization', 'RMSNormalization'],
      ...['SkipLayerNormalization', 'SimplifiedLayerNormalization', 'SkipSimplifiedLayerNormalization', 'LpNormalization', 'Sqrt'],
    ]),
  ],
  [
    'pooling',
    new Set([
      ...['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool', 'AveragePool', 'MaxPool', 'LpPool', 'ReduceMean'],
      ...['QLinearAveragePool', 'QLinearGlobalAveragePool', 'MAX_POOL_2D', 'AVERAGE_POOL_2D', 'MEAN'],
    ]),
  ],
  ['resampling', new Set(['Resize', 'Upsample', 'RESIZE_BILINEAR', 'RESIZE_NEAREST_NEIGHBOR'])],
  [
    'activation',
    new Set([
      'Relu',
      'Gelu',
      'Erf',
      'Sigmoid',
      'Tanh',
      'HardSwish',
      'HardSigmoid',
      'LeakyRelu',
      'Clip',
      'Elu',
      'PRelu',
      'FastGelu',
      'BiasGelu',
      ...['Softmax', 'LogSoftmax', 'SOFTMAX', 'LOG_SOFTMAX'],
      ...['RELU', 'RELU6', 'GELU', 'LOGISTIC', 'TANH', 'HARD_SWISH', 'LEAKY_RELU', 'PRELU', 'ELU'],
    ]),
  ],
  ['control flow', new Set(['If', 'Loop', 'Scan'])],
  ['arithmetic', new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Where', 'Sum', 'Mean', 'Exp', 'Log', 'Sin', 'Cos'])],
  ['quantization', new Set(['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'QUANTIZE', 'DEQUANTIZE'])],
]

/** What a layer is for: `convolution`, `linear`, `attention`, `normalization` ...; `arithmetic`, `quantization` or `shape` when no operator tells more. */
export function roleOf(nodes: readonly Node[]): string {
  const operators = new Set(nodes.map(({ opType }) => opType))
  // A lookup into a computed value, or into a short list of sizes, embeds nothing.
  if (!nodes.some(looksUpRows)) operators.delete('Gather')
  if (nodes.some(weighsValues)) return 'attention'
  if (nodes.every((node) => node.opType !== 'MatMul' || isOuterProduct(node))) operators.delete('MatMul')
  return roles.find(([, telling]) => [...operators].some((operator) => telling.has(operator)))?.[0] ?? 'shape'
}

const looksUpRows = (node: Node): boolean => node.opType === 'Gather' && (node.inputs[0]?.constant?.ref.dims.length ?? 0) >= 2

const softmax: ReadonlySet<string> = new Set(['Softmax', 'SOFTMAX'])
const weighing: ReadonlySet<string> = new Set(['MatMul', 'FusedMatMul', 'Einsum', 'QLinearMatMul', 'MatMulInteger', 'BATCH_MATMUL'])

/** What a Softmax gives is the weights of an attention where a product of two computed values takes it; elsewhere it is an answer, or a gate. */
const weighsValues = (node: Node): boolean => softmax.has(node.opType) && node.outputs.some((result) => isFactor(result))

/** How many operators may lie between weights and what they weigh: masks, dropout, casts, views, quantization. */
const farthest = 6

function isFactor(value: Value, steps = farthest): boolean {
  return value.uses.some(({ node }) => {
    if (weighing.has(node.opType)) return factorsOf(node).every((factor) => !isFixed(factor))
    return (
      steps > 0 &&
      !node.inputs.some((input) => input?.constant != null && input.constant.ref.dims.length > 1) &&
      node.outputs.some((output) => isFactor(output, steps - 1))
    )
  })
}

/** What is multiplied, without scales and zero points. */
const factorsOf = ({ opType, inputs }: Node): readonly Value[] =>
  (opType === 'QLinearMatMul' ? [inputs[0], inputs[3]] : opType === 'Einsum' ? inputs : inputs.slice(0, 2)).filter((input) => input != null)

/** Weights, perhaps behind a DequantizeLinear. */
const isFixed = (value: Value): boolean =>
  value.constant !== null || (value.producer?.opType === 'DequantizeLinear' && value.producer.inputs[0]?.constant != null)
