/** Classes after Netron's palette; each is a pair of tokens, `--op-<class>` and `--op-<class>-tint`. */
export const opClasses = [
  'layer',
  'attention',
  'activation',
  'norm',
  'pool',
  'shape',
  'tensor',
  'quant',
  'dropout',
  'math',
  'data',
] as const
export type OpClass = (typeof opClasses)[number]

export const classNames: Readonly<Record<OpClass, string>> = {
  layer: 'layer',
  attention: 'attention',
  activation: 'activation',
  norm: 'normalization',
  pool: 'pooling',
  shape: 'shape',
  tensor: 'tensor',
  quant: 'quantization',
  dropout: 'dropout',
  math: 'math',
  data: 'data',
}

const members: Readonly<Partial<Record<OpClass, string>>> = {
  layer:
    'MatMul Gemm Conv ConvTranspose MatMulInteger MatMulIntegerToFloat DynamicQuantizeMatMul MatMulNBits FusedMatMul FusedGemm FusedConv QLinearConv QLinearMatMul QGemm ConvInteger LSTM GRU RNN DynamicQuantizeLSTM Einsum',
  attention: 'Attention MultiHeadAttention GroupQueryAttention QAttention RotaryEmbedding',
  activation:
    'Softmax LogSoftmax Erf Tanh Gelu BiasGelu FastGelu QuickGelu Relu LeakyRelu PRelu Sigmoid HardSigmoid HardSwish Mish Swish Silu Elu Selu Celu Softplus Softsign Clip ThresholdedRelu QLinearSigmoid QLinearLeakyRelu QLinearSoftmax Activation',
  norm: 'LayerNormalization BatchNormalization RMSNormalization InstanceNormalization GroupNormalization SkipLayerNormalization SimplifiedLayerNormalization SkipSimplifiedLayerNormalization EmbedLayerNormalization LpNormalization LRN MeanVarianceNormalization Norm',
  pool: 'MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool QLinearAveragePool QLinearGlobalAveragePool ReduceMean ReduceMax ReduceSum',
  shape: 'Reshape Transpose Unsqueeze Squeeze Shape Flatten Expand Size Tile DepthToSpace SpaceToDepth Pad',
  tensor:
    'Gather GatherElements GatherND Concat Slice Split Scatter ScatterND ScatterElements Where OneHot NonZero TopK Resize Range Cast CastLike',
  quant: 'QuantizeLinear DequantizeLinear DynamicQuantizeLinear FakeQuant',
  dropout: 'Dropout Identity',
  data: 'Constant ConstantOfShape RandomNormal RandomUniform',
}

const classOf = new Map(
  Object.entries(members).flatMap(([name, ops]) => ops.split(' ').map((op): [string, OpClass] => [op, name as OpClass])),
)

/** The class of an operator type; everything unknown is math. */
export const opClassOf = (opType: string): OpClass => classOf.get(opType) ?? 'math'
