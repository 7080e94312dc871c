import { casesOf, floats, type KernelCase } from './case.ts'

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map((kind) => `Reduce${kind}`)
const types = [...floats, 'int32', 'int64']
const images = '(x: T[1, 4, 6, 6]) -> (y)'

export const reduction: readonly KernelCase[] = [
  ...reductions.flatMap((op) => casesOf({ op, types, text: `(x: T[2, 8]) -> (y)\na = int64[1] {1}\ny = ${op}(x, a)` })),
  ...['ReduceMax', 'ReduceMin'].flatMap((op) =>
    casesOf({ op, types: ['int8', 'uint8', 'bool'], text: `(x: T[2, 8]) -> (y)\na = int64[1] {1}\ny = ${op}(x, a)` }),
  ),
  ...['ArgMax', 'ArgMin'].flatMap((op) =>
    casesOf({ op, types: [...types, 'int8', 'uint8'], text: `(x: T[2, 8]) -> (y)\ny = ${op}(x) {axis: 1}` }),
  ),
  ...casesOf({ op: 'CumSum', types, text: '(x: T[2, 8]) -> (y)\ny = CumSum(x, int64 1)' }),
  ...casesOf({ op: 'TopK', types, text: '(x: T[2, 8]) -> (y)\nk = int64[1] {3}\ny, i = TopK(x, k)' }),
  ...casesOf({
    ...{ op: 'BatchNormalization', types: floats },
    text: `${images}\ns = T[4] positive\nb = T[4]\nm = T[4]\nv = T[4] positive\ny = BatchNormalization(x, s, b, m, v)`,
  }),
  ...casesOf({ op: 'InstanceNormalization', types: floats, text: `${images}\ns = T[4]\nb = T[4]\ny = InstanceNormalization(x, s, b)` }),
  ...casesOf({
    op: 'GroupNormalization',
    types: floats,
    text: `${images}\ns = T[4]\nb = T[4]\ny = GroupNormalization(x, s, b) {num_groups: 2}`,
  }),
  ...casesOf({ op: 'LRN', types: floats, text: `${images}\ny = LRN(x) {size: 3}` }),
  ...casesOf({ op: 'LpNormalization', types: floats, text: '(x: T[2, 8]) -> (y)\ny = LpNormalization(x)' }),
  ...casesOf({ op: 'MeanVarianceNormalization', types: floats, text: `${images}\ny = MeanVarianceNormalization(x)` }),
  ...casesOf({ op: 'LayerNormalization', types: floats, text: '(x: T[2, 8]) -> (y)\ns = T[8]\nb = T[8]\ny = LayerNormalization(x, s, b)' }),
  ...casesOf({ op: 'RMSNormalization', types: floats, opset: 23, text: '(x: T[2, 8]) -> (y)\ns = T[8]\ny = RMSNormalization(x, s)' }),
  ...casesOf({
    op: 'SimplifiedLayerNormalization',
    types: floats,
    text: '(x: T[2, 8]) -> (y)\ns = T[8]\ny = SimplifiedLayerNormalization(x, s)',
  }),
]
