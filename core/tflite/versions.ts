import type { DType } from '../ir/dtype.ts'
import type { TfliteFile, TfliteOperator, TfliteQuantization } from './file.ts'
import type { Builtin } from './operators.ts'

/** What the version of an operator depends on; `null` stands for an optional tensor that is left out. */
export interface OperatorUse {
  readonly operator: Builtin
  readonly inputs: readonly (TensorUse | null)[]
  readonly outputs: readonly TensorUse[]
  readonly options: TfliteOperator['options']
}

export interface TensorUse {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly quantization: TfliteQuantization | null
}

/** The first rule that holds gives the version; none means 1. */
type Rule = readonly [version: number, holds: (use: OperatorUse) => boolean]

const typeAt = ({ inputs }: OperatorUse, at: number): DType | null => inputs[at]?.dtype ?? null
const rankAt = ({ inputs }: OperatorUse, at: number): number => inputs[at]?.shape.length ?? 0
const highestRank = ({ inputs }: OperatorUse): number => Math.max(0, ...inputs.map((each) => each?.shape.length ?? 0))
const isSet = ({ options }: OperatorUse, name: string): boolean => Boolean(options[name])
const scalesAt = ({ inputs }: OperatorUse, at: number): number => inputs[at]?.quantization?.scale.length ?? 0

const first =
  (...dtypes: readonly DType[]) =>
  (use: OperatorUse): boolean =>
    dtypes.includes(typeAt(use, 0) as DType)
const second =
  (...dtypes: readonly DType[]) =>
  (use: OperatorUse): boolean =>
    dtypes.includes(typeAt(use, 1) as DType)

/** Types of data, weights and result of a kernel with weights. */
const kernel =
  (data: DType, weights: DType, result: DType) =>
  (use: OperatorUse): boolean =>
    typeAt(use, 0) === data && typeAt(use, 1) === weights && use.outputs[0]?.dtype === result
const whole8 = kernel('int8', 'int8', 'int8')
const whole8by4 = kernel('int8', 'int4', 'int8')
const hybrid = kernel('float32', 'int8', 'float32')

const broadcasts = ({ inputs }: OperatorUse): boolean => inputs.length > 1 && inputs[0]?.shape.join() !== inputs[1]?.shape.join()
const broadcastsHigh = (use: OperatorUse): boolean => broadcasts(use) && highestRank(use) > 4
const groups = ({ inputs }: OperatorUse): boolean => inputs[0]?.shape.at(-1) !== inputs[1]?.shape.at(-1)
const either = ({ inputs, outputs }: OperatorUse, dtype: DType): boolean => inputs[0]?.dtype === dtype || outputs[0]?.dtype === dtype

/** Scales of the inputs multiplied, in the scale of the output: past 1 the older kernels could not do it. */
function rescale({ inputs, outputs }: OperatorUse): number {
  const scale = (tensor: TensorUse | null | undefined): number => tensor?.quantization?.scale[0] ?? 0
  const [a, b, out] = [scale(inputs[0]), scale(inputs[1]), scale(outputs[0])]
  return a === 0 || b === 0 || out === 0 ? 0 : (a * b) / out
}

const int8First: readonly Rule[] = [[2, first('int8')]]
const int16Then8: readonly Rule[] = [
  [3, first('int16')],
  [2, first('int8')],
]
const widthOf = (use: OperatorUse): boolean => first('int8', 'uint8')(use)
const padRules: readonly Rule[] = [
  [5, first('bool')],
  [4, (use) => rankAt(use, 0) > 4],
  [3, first('int16')],
  [2, first('int8')],
]
const extremeRules: readonly Rule[] = [[4, first('int16')], [3, broadcastsHigh], ...int8First]
const comparisonRules: readonly Rule[] = [
  [4, first('int16')],
  [3, first('string')],
  [2, first('int8')],
]

const rules: { readonly [operator in Builtin]?: readonly Rule[] } = {
  CONV_2D: [
    [6, groups],
    [3, whole8],
    [7, whole8by4],
    [5, (use) => hybrid(use) && scalesAt(use, 1) > 1],
    [2, hybrid],
  ],
  DEPTHWISE_CONV_2D: [
    [6, (use) => hybrid(use) && scalesAt(use, 1) > 1],
    [4, hybrid],
    [3, whole8],
    [7, whole8by4],
    [2, ({ options }) => (options.dilationW ?? 1) !== 1 || (options.dilationH ?? 1) !== 1],
  ],
  FULLY_CONNECTED: [
    [13, kernel('int16', 'int4', 'int16')],
    [12, (use) => hybrid(use) && scalesAt(use, 1) > 1],
    [7, kernel('int16', 'int16', 'int16')],
    [6, ({ inputs }) => inputs.length === 2],
    [5, (use) => isSet(use, 'keepNumDims')],
    [4, whole8],
    [10, whole8by4],
    [9, (use) => hybrid(use) && isSet(use, 'asymmetricQuantizeInputs')],
    [3, hybrid],
  ],
  TRANSPOSE_CONV: [
    [4, (use) => isSet(use, 'activation')],
    [3, ({ inputs }) => inputs.length === 4 && inputs[3] !== null],
    [2, second('int8')],
  ],
  BATCH_MATMUL: [...int16Then8, [4, (use) => hybrid(use) && isSet(use, 'asymmetricQuantizeInputs')]],
  UNIDIRECTIONAL_SEQUENCE_LSTM: [[4, (use) => isSet(use, 'diagonalRecurrent')]],
  GATHER: [
    [7, first('int4')],
    [6, second('int16')],
    [5, (use) => isSet(use, 'batchDims')],
    [4, first('int16')],
    [3, first('bool')],
    [2, first('int8')],
  ],
  GATHER_ND: [
    [5, first('bool')],
    [4, second('int16')],
    [3, first('int16')],
    [2, first('string')],
  ],
  MUL: [
    [7, (use) => first('uint32')(use) || (first('int16')(use) && scalesAt(use, 0) === 0)],
    [6, first('complex64')],
    [5, first('int64')],
    [4, first('int16')],
    [3, (use) => rescale(use) >= 1],
    [2, first('int8')],
  ],
  ADD: [
    [5, (use) => first('int16')(use) && scalesAt(use, 0) === 0],
    [4, first('int64')],
    [3, ({ inputs, options }) => inputs[0]?.dtype === 'int16' && options.potScaleInt16 === false],
    [2, first('int8')],
  ],
  SUB: [
    [5, ({ inputs, options }) => inputs[0]?.dtype === 'int16' && options.potScaleInt16 === false],
    [4, first('int64')],
    [3, broadcastsHigh],
    [2, first('int8')],
  ],
  DIV: [[2, broadcastsHigh]],
  MAXIMUM: extremeRules,
  MINIMUM: extremeRules,
  MAX_POOL_2D: int16Then8,
  AVERAGE_POOL_2D: int16Then8,
  TRANSPOSE: [
    [7, first('int4')],
    [6, (use) => rankAt(use, 0) > 5],
    [5, first('int16')],
    [4, (use) => rankAt(use, 0) > 4],
    [3, first('bool')],
    [2, first('int8')],
  ],
  SPLIT: [
    [4, second('int16')],
    [3, second('int32')],
    [2, second('int8')],
  ],
  SLICE: [
    [6, first('uint32')],
    [5, (use) => rankAt(use, 0) > 4],
    [4, first('int16')],
    [3, first('string')],
    [2, first('int8')],
  ],
  STRIDED_SLICE: [
    [8, (use) => isSet(use, 'offset')],
    [7, first('uint32')],
    [6, (use) => isSet(use, 'ellipsisMask') || isSet(use, 'newAxisMask')],
    [5, first('string')],
    [4, (use) => rankAt(use, 0) > 4],
    [3, first('bool')],
    [2, first('int8')],
  ],
  UNPACK: [
    [2, widthOf],
    [3, first('bool')],
    [4, first('int16')],
  ],
  PACK: [
    [2, first('int8')],
    [3, first('int16')],
    [4, first('uint32')],
  ],
  DEQUANTIZE: [
    [6, first('int4')],
    [3, first('int16', 'float16')],
    [5, (use) => first('int8')(use) && scalesAt(use, 0) > 1],
    [2, first('int8')],
  ],
  QUANTIZE: [
    [4, (use) => either(use, 'int4')],
    [3, ({ outputs }) => (outputs[0]?.quantization?.scale.length ?? 0) > 1],
    [2, ({ outputs }) => outputs[0]?.dtype === 'int16'],
  ],
  FLOOR_DIV: [
    [3, first('int16', 'int8')],
    [2, first('float32')],
  ],
  FLOOR_MOD: [[2, first('int16', 'int8')]],
  SIGN: [[2, first('int32')]],
  L2_NORMALIZATION: [[2, ({ outputs }) => outputs[0]?.dtype === 'int8']],
  ABS: [
    [5, first('int32')],
    [4, (use) => first('int16')(use) && scalesAt(use, 0) === 0],
    [3, first('int16')],
    [2, widthOf],
  ],
  RELU: [
    [3, first('int16')],
    [2, widthOf],
  ],
  RELU6: int16Then8,
  REVERSE_V2: [
    [3, first('int8')],
    [2, first('bool')],
  ],
  RESIZE_BILINEAR: [
    [4, first('int16')],
    [3, (use) => isSet(use, 'halfPixelCenters')],
    [2, first('int8')],
  ],
  RESIZE_NEAREST_NEIGHBOR: [
    [4, first('int16')],
    [3, (use) => isSet(use, 'halfPixelCenters') || isSet(use, 'alignCorners')],
    [2, first('int8')],
  ],
  TILE: [
    [3, first('int8')],
    [2, first('string')],
  ],
  SQUEEZE: [[2, first('string')]],
  TANH: int16Then8,
  LOGISTIC: int16Then8,
  FILL: [
    [4, second('float16')],
    [3, second('int8', 'int16')],
    [2, second('bool', 'string')],
  ],
  EQUAL: comparisonRules,
  NOT_EQUAL: comparisonRules.slice(1),
  LEAKY_RELU: [[2, first('int16')]],
  RANGE: [[2, first('int64')]],
  PAD: padRules,
  PADV2: padRules,
  CONCATENATION: [[4, first('uint32')], ...int16Then8],
  SOFTMAX: int16Then8,
  MEAN: int16Then8,
  MIRROR_PAD: int16Then8,
  REDUCE_MAX: int16Then8,
  REDUCE_MIN: int16Then8,
  RSQRT: int16Then8,
  ARG_MAX: [
    [3, first('bool')],
    [2, first('int8')],
  ],
  ARG_MIN: [
    [3, first('bool')],
    [2, first('int8')],
  ],
  SELECT: [
    [4, first('uint32')],
    [3, ({ inputs }) => inputs.some((each) => each?.shape.length === 5)],
    [2, first('int8')],
  ],
  SELECT_V2: [[2, first('uint32')]],
  LESS: int16Then8,
  GREATER_EQUAL: int16Then8,
  GREATER: int8First,
  LESS_EQUAL: int8First,
  SPACE_TO_DEPTH: int8First,
  DEPTH_TO_SPACE: int8First,
  SPLIT_V: int8First,
  SUM: int8First,
  LOG_SOFTMAX: int8First,
  SQUARED_DIFFERENCE: int8First,
  TOPK_V2: [[3, (use) => first('int16')(use) || second('int16')(use) || use.outputs[1]?.dtype === 'int16'], ...int8First],
  EXP: [[2, first('int8', 'int16')]],
  LOG: [[2, first('int8', 'int16')]],
  REDUCE_PROD: [[2, first('int8', 'int16')]],
  BROADCAST_TO: [
    [3, first('int8', 'int16')],
    [2, () => true],
  ],
  CAST: [
    [7, (use) => either(use, 'bfloat16')],
    [6, ({ inputs, outputs }) => inputs[0]?.dtype === 'int4' && outputs[0]?.dtype === 'float32'],
    [5, (use) => either(use, 'float64') || either(use, 'float16')],
    [4, (use) => either(use, 'uint16')],
    [3, (use) => either(use, 'int8')],
    [2, (use) => either(use, 'uint32')],
  ],
  WHERE: [[2, (use) => !first('bool')(use)]],
  GELU: [[2, widthOf]],
}

/**
 * The least version of an operator whose kernels take these types, ranks and options: the rules that the runtime publishes
 * (LiteRT, `tflite/tools/versioning/op_version.cc`), for the operators that Lathe writes.
 */
export const versionOf = (use: OperatorUse): number => rules[use.operator]?.find(([, holds]) => holds(use))?.[0] ?? 1

/** The file with the version of every builtin operator. */
export function withVersions(file: TfliteFile): TfliteFile {
  return {
    ...file,
    subgraphs: file.subgraphs.map((subgraph) => ({
      ...subgraph,
      operators: subgraph.operators.map((each) => {
        if (each.operator.includes(':')) return each
        const tensorAt = (index: number) => subgraph.tensors[index] as TensorUse
        const inputs = each.inputs.map((index) => (index < 0 ? null : tensorAt(index)))
        const use = { operator: each.operator as Builtin, inputs, outputs: each.outputs.map(tensorAt), options: each.options }
        return { ...each, version: versionOf(use) }
      }),
    })),
  }
}
