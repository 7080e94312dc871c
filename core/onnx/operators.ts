import { newestOpset } from './opset.ts'

/**
 * Operators by domain, for telling a user that one is unknown: those of ONNX 1.23.1 (opset 28) in all their versions, the
 * experimental ones that onnxruntime still runs, and those of its own domains. What an operator means is nowhere decided by this list.
 */
const names: Readonly<Record<string, string>> = {
  '': `
    Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization Bernoulli BitCast
    BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike CausalConvWithState Ceil Celu CenterCropPad Clip
    Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumProd CumSum DFT
    DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten
    Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample
    GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If ImageDecoder InstanceNormalization IsInf
    IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual LinearAttention Log LogSoftmax Loop LpNormalization LpPool MatMul
    MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial Neg
    NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement OptionalHasElement Or PRelu Pad Pow
    QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range
    Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
    RegexFullMatch Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding Round STFT Scan Scatter ScatterElements ScatterND Selu
    SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid Sign Sin
    Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat
    StringNormalizer StringSplit Sub Sum SwiGLU Swish Tan Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu
    Unique Unsqueeze Upsample Where Xor`,
  'ai.onnx.ml': `
    ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer Imputer LabelEncoder LinearClassifier
    LinearRegressor Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier
    TreeEnsembleRegressor ZipMap`,
  'ai.onnx.preview.training': `
    Adagrad Adam Gradient Momentum`,
  'ai.onnx.preview': `
    FlexAttention`,
  'com.microsoft.nchwc': 'AveragePool Conv GlobalAveragePool GlobalMaxPool MaxPool ReorderInput ReorderOutput Upsample',
  'com.microsoft': `
    ATen Attention AttnLSTM BeamSearch BiasAdd BiasDropout BiasGelu BiasSoftmax BiasSplitGelu BifurcationDetector BitmaskBiasDropout
    BitmaskDropout CDist CausalConvWithState ConvTransposeWithDynamicPads Crop CropAndResize DecoderAttention
    DecoderMaskedMultiHeadAttention DecoderMaskedSelfAttention DequantizeLinear DequantizeWithOrder DynamicQuantizeLSTM
    DynamicQuantizeMatMul DynamicTimeWarping EPContext EmbedLayerNormalization EncoderAttention EngramGate ExpandDims FastGelu
    FusedConv FusedGemm FusedMatMul FusedMatMulActivation GatedAdd GatedRMSNorm GatedRelativePositionBias GatherBlockQuantized
    GatherND Gelu GemmFastGelu GemmFloat8 GreedySearch GridSample GroupNorm GroupQueryAttention ImageScaler Inverse Irfft IsAllFinite
    LinearAttention LinearAttentionGate LongformerAttention MRotaryEmbedding MatMulBnb4 MatMulFpQ4 MatMulInteger16
    MatMulIntegerToFloat MatMulNBits MaxpoolWithMask MoE MultiHeadAttention MurmurHash3 NGramHashMapping NGramRepeatBlock NhwcConv
    NhwcMaxPool PackedAttention PackedMultiHeadAttention Pad PagedAttention PythonOp QAttention QEmbedLayerNormalization QGemm
    QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearReduceMean
    QLinearSigmoid QLinearSoftmax QLinearWhere QMoE QOrderedAttention QOrderedGelu QOrderedLayerNormalization
    QOrderedLongformerAttention QOrderedMatMul QuantizeLinear QuantizeWithOrder QuickGelu Range RelativePositionBias RemovePadding
    RestorePadding Rfft RotaryEmbedding SampleOp Sampling ShapeInputMerge SkipGroupNorm SkipLayerNormalization
    SkipSimplifiedLayerNormalization SparseAttention SparseToDenseMatMul Tokenizer TorchEmbedding TransposeMatMul Trilu UnfoldTensor
    Unique WhisperBeamSearch WordConvEmbedding`,
}

/** Operators outside of the standard that onnxruntime runs in its domain, some of them only in old opsets. */
const experimental = new Set(
  'Affine Crop DynamicSlice ImageScaler MemcpyFromHost MemcpyToHost ParametricSoftplus Scale ScaledTanh SimplifiedLayerNormalization'.split(
    ' ',
  ),
)

const known = new Map(Object.entries(names).map(([domain, list]) => [domain, new Set(list.trim().split(/\s+/))]))

/** Whether an operator belongs to the standard set in any version that Lathe knows. */
export const isStandardOperator = (opType: string): boolean => known.get('')?.has(opType) ?? false

/** Whether an operator is one that Lathe has heard of. In a standard set that is newer than Lathe anything may be. */
export function isKnownOperator(domain: string, opType: string, version: number): boolean {
  if (domain !== '') return known.get(domain)?.has(opType) ?? false
  return isStandardOperator(opType) || experimental.has(opType) || version > newestOpset
}
