import { casesOf, type KernelCase, type Template } from './case.ts'

const ms = 'com.microsoft'
/** Activations and weights of 8 bits in all four combinations of sign. */
const pairs = ['uint8', 'int8'].flatMap((a) => ['uint8', 'int8'].map((w) => ({ a, w, name: `${short(a)} x ${short(w)}` })))

function short(type: string): string {
  return type === 'uint8' ? 'u8' : 's8'
}

/** A case whose variant is a pair; `A` and `W` stand for the types. */
const paired = (op: string, text: string, special = ''): KernelCase[] =>
  pairs.map(({ a, w, name }) => ({
    op,
    variant: special === '' ? name : `${name} ${special}`,
    opset: 21,
    text: `opset 21, ${ms} 1\n${text.replaceAll(/\bA\b/g, a).replaceAll(/\bW\b/g, w)}`,
  }))

const scales = 'as = float32[] {0.1}\naz = A[] {1}\nys = float32[] {0.5}\nyz = A[] {1}'
const perTensor = 'ws = float32[] {0.1}\nwz = W[] {0}'
const perChannel = (count: number) => `ws = float32[${count}] positive\nwz = W[${count}] zeros`
const matrix = '(x: A[4, 8]) -> (y)\nw = W[8, 6]'
const images = '(x: A[1, 4, 8, 8]) -> (y)\nw = W[6, 4, 3, 3]'

const products: readonly KernelCase[] = [
  ...paired('MatMulInteger', `${matrix}\naz = A[] {1}\nwz = W[] {0}\ny = MatMulInteger(x, w, az, wz)`),
  ...paired('MatMulInteger', `${matrix}\naz = A[] {1}\nwz = W[6] zeros\ny = MatMulInteger(x, w, az, wz)`, 'per channel'),
  ...paired('ConvInteger', `${images}\naz = A[] {1}\nwz = W[] {0}\ny = ConvInteger(x, w, az, wz)`),
  ...paired('QLinearMatMul', `${matrix}\n${scales}\n${perTensor}\ny = QLinearMatMul(x, as, az, w, ws, wz, ys, yz)`),
  ...paired('QLinearMatMul', `${matrix}\n${scales}\n${perChannel(6)}\ny = QLinearMatMul(x, as, az, w, ws, wz, ys, yz)`, 'per channel'),
  ...paired('QLinearConv', `${images}\n${scales}\n${perTensor}\ny = QLinearConv(x, as, az, w, ws, wz, ys, yz)`),
  ...paired('QLinearConv', `${images}\n${scales}\n${perChannel(6)}\ny = QLinearConv(x, as, az, w, ws, wz, ys, yz)`, 'per channel'),
  ...paired(`${ms}.QGemm`, `${matrix}\n${scales}\n${perTensor}\nb = int32[6]\ny = ${ms}.QGemm(x, as, az, w, ws, wz, b, ys, yz)`),
  ...paired(
    `${ms}.QGemm`,
    `${matrix}\n${scales}\n${perChannel(6)}\nb = int32[6]\ny = ${ms}.QGemm(x, as, az, w, ws, wz, b, ys, yz)`,
    'per channel',
  ),
  ...paired(
    `${ms}.MatMulIntegerToFloat`,
    `${matrix}\nas = float32[] {0.1}\naz = A[] {1}\n${perTensor}\ny = ${ms}.MatMulIntegerToFloat(x, w, as, ws, az, wz)`,
  ),
  ...paired(
    `${ms}.QAttention`,
    `(x: A[2, 4, 8]) -> (y)\nw = W[8, 24]\nb = float32[24]\nas = float32[] {0.1}\naz = A[] {1}\n${perTensor}\ny = ${ms}.QAttention(x, w, b, as, ws, _, az, wz) {num_heads: 2}`,
  ),
  ...paired(
    'MatMul',
    `(x: float32[4, 8]) -> (y)\nas = float32[] {0.1}\naz = A[] {1}\nw = W[8, 6]\n${perTensor}\nq = QuantizeLinear(x, as, az)\nd = DequantizeLinear(q, as, az)\nv = DequantizeLinear(w, ws, wz)\nm = MatMul(d, v)\nr = QuantizeLinear(m, as, az)\ny = DequantizeLinear(r, as, az)`,
    'as QDQ',
  ),
  ...paired(
    'Conv',
    `(x: float32[1, 4, 8, 8]) -> (y)\nas = float32[] {0.1}\naz = A[] {1}\nw = W[6, 4, 3, 3]\n${perTensor}\nq = QuantizeLinear(x, as, az)\nd = DequantizeLinear(q, as, az)\nv = DequantizeLinear(w, ws, wz)\nm = Conv(d, v)\nr = QuantizeLinear(m, as, az)\ny = DequantizeLinear(r, as, az)`,
    'as QDQ',
  ),
  ...['uint8', 'int8'].flatMap((type) =>
    casesOf({
      op: `${ms}.DynamicQuantizeMatMul`,
      types: [type],
      text: `(x: float32[4, 8]) -> (y)\nw = T[8, 6]\nws = float32[6] positive\ny = ${ms}.DynamicQuantizeMatMul(x, w, ws)`,
    }),
  ),
]

const codes = ['uint8', 'int8']
const grid = 's = float32[] {0.1}\nz = T[] {1}'
const templates: readonly Template[] = [
  { op: `${ms}.QLinearAdd`, types: codes, text: `(x: T[2, 8], b: T[2, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearAdd(x, s, z, b, s, z, s, z)` },
  { op: `${ms}.QLinearMul`, types: codes, text: `(x: T[2, 8], b: T[2, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearMul(x, s, z, b, s, z, s, z)` },
  { op: `${ms}.QLinearSigmoid`, types: codes, text: `(x: T[2, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearSigmoid(x, s, z, s, z)` },
  {
    op: `${ms}.QLinearLeakyRelu`,
    types: codes,
    text: `(x: T[2, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearLeakyRelu(x, s, z, s, z) {alpha: 0.1}`,
  },
  {
    op: `${ms}.QLinearSoftmax`,
    types: codes,
    text: `(x: T[2, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearSoftmax(x, s, z, s, z) {axis: 1, opset: 13}`,
  },
  {
    op: `${ms}.QLinearConcat`,
    types: codes,
    text: `(x: T[2, 8], b: T[2, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearConcat(s, z, x, s, z, b, s, z) {axis: 0}`,
  },
  {
    op: `${ms}.QLinearWhere`,
    types: codes,
    text: `(c: bool[2, 8], x: T[2, 8], b: T[2, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearWhere(c, x, s, z, b, s, z, s, z)`,
  },
  {
    op: `${ms}.QLinearReduceMean`,
    types: codes,
    text: `(x: T[2, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearReduceMean(x, s, z, s, z) {axes: [1], keepdims: 1}`,
  },
  {
    op: `${ms}.QLinearGlobalAveragePool`,
    types: codes,
    text: `(x: T[1, 4, 8, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearGlobalAveragePool(x, s, z, s, z)`,
  },
  {
    op: `${ms}.QLinearAveragePool`,
    types: codes,
    text: `(x: T[1, 4, 8, 8]) -> (y)\n${grid}\ny = ${ms}.QLinearAveragePool(x, s, z, s, z) {kernel_shape: [2, 2]}`,
  },
  { op: 'DynamicQuantizeLinear', types: ['float32'], text: '(x: T[2, 8]) -> (y, s, z)\ny, s, z = DynamicQuantizeLinear(x)' },
  {
    op: 'QuantizeLinear',
    types: ['uint8', 'int8', 'uint16', 'int16', 'uint4', 'int4'],
    text: '(x: float32[2, 8]) -> (y)\ns = float32[] {0.1}\nz = T[] {1}\nq = QuantizeLinear(x, s, z)\ny = DequantizeLinear(q, s, z)',
  },
  {
    op: 'DequantizeLinear',
    types: ['uint8', 'int8', 'uint16', 'int16', 'int32', 'uint4', 'int4'],
    text: '(x: float32[2, 8]) -> (y)\nw = T[2, 8]\ns = float32[] {0.1}\nd = DequantizeLinear(w, s)\ny = Add(x, d)',
  },
  {
    op: 'DequantizeLinear',
    types: ['int8', 'uint4'],
    special: 'to float16',
    text: '(x: float16[2, 8]) -> (y)\nw = T[2, 8]\ns = float16[] {0.1}\nd = DequantizeLinear(w, s)\ny = Add(x, d)',
  },
  {
    ...{ op: 'DequantizeLinear', types: ['uint8', 'int8', 'uint4', 'int4', 'uint16', 'int16'], special: 'by blocks before MatMul' },
    text: '(x: float32[4, 64]) -> (y)\nw = T[64, 32]\ns = float32[2, 32] positive\nd = DequantizeLinear(w, s) {axis: 0, block_size: 32}\ny = MatMul(x, d)',
  },
  {
    ...{ op: 'DequantizeLinear', types: ['uint2', 'int2'], opset: 25, special: 'by blocks before MatMul' },
    text: '(x: float32[4, 64]) -> (y)\nw = T[64, 32]\ns = float32[2, 32] positive\nd = DequantizeLinear(w, s) {axis: 0, block_size: 32}\ny = MatMul(x, d)',
  },
]

const nBits = (bits: number, block: number, level: number, types: readonly string[]): KernelCase[] =>
  casesOf({
    op: `${ms}.MatMulNBits`,
    types,
    special: `${bits} bits, blocks of ${block}, accuracy level ${level}`,
    text: `(x: T[2, 128]) -> (y)\nw = uint8[16, ${128 / block}, ${Math.ceil((block * bits) / 8)}]\ns = T[16, ${128 / block}] positive\ny = ${ms}.MatMulNBits(x, w, s) {K: 128, N: 16, bits: ${bits}, block_size: ${block}, accuracy_level: ${level}}`,
  })

const weights: readonly KernelCase[] = [
  ...[2, 4, 8].flatMap((bits) => [16, 32, 64, 128].flatMap((block) => [0, 4].flatMap((level) => nBits(bits, block, level, ['float32'])))),
  ...[2, 4, 8].flatMap((bits) => nBits(bits, 32, 4, ['float16', 'bfloat16'])),
  ...[1, 3, 5, 6, 7].flatMap((bits) => nBits(bits, 32, 0, ['float32'])),
  ...[2, 4, 8].flatMap((bits) =>
    casesOf({
      op: `${ms}.MatMulNBits`,
      types: ['float32'],
      special: `${bits} bits, zero points and bias`,
      text: `(x: T[2, 128]) -> (y)\nw = uint8[16, 4, ${4 * bits}]\ns = T[16, 4] positive\nz = uint8[16, ${bits / 2}]\nb = T[16]\ny = ${ms}.MatMulNBits(x, w, s, z, _, b) {K: 128, N: 16, bits: ${bits}, block_size: 32, accuracy_level: 4}`,
    }),
  ),
  ...['uint4', 'int4', 'uint8'].flatMap((type) =>
    casesOf({
      op: `${ms}.GatherBlockQuantized`,
      types: [type],
      text: `(i: int64[3]) -> (y)\nw = T[10, 32]\ns = float32[10, 2] positive\ny = ${ms}.GatherBlockQuantized(w, i, s) {block_size: 16, bits: ${type === 'uint8' ? 8 : 4}, quantize_axis: 1, gather_axis: 0}`,
    }),
  ),
  ...casesOf({
    op: `${ms}.DynamicQuantizeLSTM`,
    types: ['int8', 'uint8'],
    text: `(x: float32[5, 1, 4]) -> (y)\nw = T[1, 4, 24]\nr = T[1, 6, 24]\nws = float32[1] {0.1}\nwz = T[1] {0}\nrs = float32[1] {0.1}\nrz = T[1] {0}\ny = ${ms}.DynamicQuantizeLSTM(x, w, r, _, _, _, _, _, ws, wz, rs, rz) {hidden_size: 6}`,
  }),
]

export const quantized: readonly KernelCase[] = [...products, ...templates.flatMap(casesOf), ...weights]
