/** Standard operators that have a counterpart among the builtin operators of LiteRT, and contrib operators that are exported in parts. */
const names = `
Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv ConvTranspose Cos CumSum DepthToSpace
DequantizeLinear Div Dropout Elu Equal Exp Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool
Greater GreaterOrEqual HardSigmoid HardSwish Identity LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max MaxPool Min
Mish Mul Neg Not OneHot Or PRelu Pad Pow QuantizeLinear RMSNormalization Reciprocal ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu
Reshape Resize Round ScatterND Selu Shape Sigmoid Sign SimplifiedLayerNormalization Sin Slice Softmax Softplus Softsign SpaceToDepth Split
Sqrt Squeeze Sub Sum Swish Tanh Tile TopK Transpose Unsqueeze Upsample Where Xor
`

export const tfliteOperators: ReadonlySet<string> = new Set(names.trim().split(/\s+/))

/** Operators of onnxruntime's own domain that LiteRT has, or that are exported in parts. */
export const tfliteContribOperators: ReadonlySet<string> = new Set(['Gelu', 'FastGelu', 'BiasGelu', 'QuickGelu'])
