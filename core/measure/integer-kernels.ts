import type { Node } from '../ir/value.ts'

/** Kernels that multiply codes, where the graph as it is written multiplies floats between quantizers. */
export const multipliesCodes = ({ opType }: Node): boolean =>
  /^(QLinear(Conv|MatMul|Gemm)|QGemm|QAttention|ConvInteger|MatMulInteger|DynamicQuantize(MatMul|LSTM))/.test(opType)
