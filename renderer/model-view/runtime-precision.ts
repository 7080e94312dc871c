import type { GraphView, NodeView } from '../../core/api/graph-view.ts'

export const precisions = ['FP32', 'FP16', 'INT8', 'INT4'] as const
export type Precision = (typeof precisions)[number]

const int4 = /MatMulNBits/
/** Kernels of onnxruntime that compute in 8-bit integers. */
const int8 = /^(QLinear|QGemm|QAttention|QEmbed|ConvInteger|MatMulInteger|DynamicQuantize(MatMul|LSTM))/

/**
 * In which numbers the runtime computed a layer: what its kernels are called tells integers; floats are what flows in, unless the runtime
 * put casts around a kernel that it lacks in half precision.
 */
export function runtimePrecision(kernels: readonly string[], flowing: readonly string[]): Precision {
  const names = kernels.map((kernel) => kernel.split('.').at(-1)!)
  if (names.some((name) => int4.test(name))) return 'INT4'
  if (names.some((name) => int8.test(name))) return 'INT8'
  const half = flowing.some((type) => /^b?float16/.test(type))
  return half && !names.includes('Cast') ? 'FP16' : 'FP32'
}

/** Types of what a node reads and makes. */
export const flowingIn = ({ inputs, outputs }: NodeView, { values }: GraphView): string[] =>
  [...inputs, ...outputs].flatMap((name) => values[name]?.type ?? [])
