import type { Node } from '../ir/value.ts'

/** What the nodes of a layer do together, by the most telling operator among them. Earlier lines win. */
const roles: readonly (readonly [string, ReadonlySet<string>])[] = [
  [
    'attention',
    new Set([
      'Attention',
      'MultiHeadAttention',
      'GroupQueryAttention',
      'QAttention',
      'DecoderMaskedMultiHeadAttention',
      'Softmax',
      'SOFTMAX',
    ]),
  ],
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
      ...[
        'SkipLayerNormalization',
        'SimplifiedLayerNormalization',
        'SkipSimplifiedLayerNormalization',
        'LpNormalization',
        'Sqrt',
        'ReduceMean',
      ],
    ]),
  ],
  [
    'pooling',
    new Set(['GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'MaxPool', 'ReduceMean', 'MAX_POOL_2D', 'AVERAGE_POOL_2D', 'MEAN']),
  ],
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
      ...['RELU', 'RELU6', 'GELU', 'LOGISTIC', 'TANH', 'HARD_SWISH', 'LEAKY_RELU', 'PRELU', 'ELU'],
    ]),
  ],
  ['control flow', new Set(['If', 'Loop', 'Scan'])],
]

const arithmetic: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Where', 'Sum', 'Mean'])

/** What a layer is for: `convolution`, `linear`, `attention`, `normalization` ...; `arithmetic` or `shape` when no operator tells more. */
export function roleOf(nodes: readonly Node[]): string {
  const operators = new Set(nodes.map(({ opType }) => opType))
  // A lookup into a computed value, or into a short list of sizes, embeds nothing.
  if (!nodes.some(looksUpRows)) operators.delete('Gather')
  const found = roles.find(([, telling]) => [...operators].some((operator) => telling.has(operator)))
  if (found !== undefined) return found[0]
  return [...operators].some((operator) => arithmetic.has(operator)) ? 'arithmetic' : 'shape'
}

const looksUpRows = (node: Node): boolean => node.opType === 'Gather' && (node.inputs[0]?.constant?.ref.dims.length ?? 0) >= 2
