import { casesOf, floats, type KernelCase, narrowFloats, type Template } from './case.ts'

const images = '(x: T[1, 4, 8, 8]) -> (y)'

const templates: readonly Template[] = [
  { op: 'MatMul', types: [...floats, 'int32', 'int64'], text: '(x: T[2, 4, 8]) -> (y)\nw = T[8, 6]\ny = MatMul(x, w)' },
  { op: 'Gemm', types: floats, text: '(x: T[4, 8]) -> (y)\nw = T[6, 8]\nb = T[6]\ny = Gemm(x, w, b) {transB: 1}' },
  { op: 'Conv', types: floats, text: `${images}\nw = T[6, 4, 3, 3]\nb = T[6]\ny = Conv(x, w, b) {pads: [1, 1, 1, 1]}` },
  { op: 'Conv', types: floats, special: 'depthwise', text: `${images}\nw = T[4, 1, 3, 3]\ny = Conv(x, w) {group: 4}` },
  { op: 'Conv', types: ['float32'], special: '1-D', text: '(x: T[1, 4, 8]) -> (y)\nw = T[6, 4, 3]\ny = Conv(x, w)' },
  { op: 'Conv', types: ['float32'], special: '3-D', text: '(x: T[1, 4, 4, 4, 4]) -> (y)\nw = T[6, 4, 3, 3, 3]\ny = Conv(x, w)' },
  { op: 'ConvTranspose', types: floats, text: `${images}\nw = T[4, 6, 2, 2]\ny = ConvTranspose(x, w) {strides: [2, 2]}` },
  { op: 'Einsum', types: floats, text: '(a: T[2, 4, 8], b: T[2, 6, 8]) -> (y)\ny = Einsum(a, b) {equation: "bik,bjk->bij"}' },
  { op: 'MaxPool', types: [...floats, 'int8', 'uint8'], text: `${images}\ny = MaxPool(x) {kernel_shape: [2, 2], strides: [2, 2]}` },
  { op: 'AveragePool', types: floats, text: `${images}\ny = AveragePool(x) {kernel_shape: [2, 2], strides: [2, 2]}` },
  { op: 'LpPool', types: floats, text: `${images}\ny = LpPool(x) {kernel_shape: [2, 2]}` },
  { op: 'GlobalAveragePool', types: floats, text: `${images}\ny = GlobalAveragePool(x)` },
  { op: 'GlobalMaxPool', types: floats, text: `${images}\ny = GlobalMaxPool(x)` },
  {
    op: 'Resize',
    types: [...floats, 'int8', 'uint8'],
    text: `${images}\ns = float32[4] {1, 1, 2, 2}\ny = Resize(x, _, s) {mode: "nearest"}`,
  },
  {
    op: 'Resize',
    types: [...floats, 'uint8'],
    special: 'linear',
    text: `${images}\ns = float32[4] {1, 1, 2, 2}\ny = Resize(x, _, s) {mode: "linear"}`,
  },
  { op: 'GridSample', types: floats, text: '(x: T[1, 4, 8, 8], g: T[1, 4, 4, 2]) -> (y)\ny = GridSample(x, g)' },
  { op: 'LSTM', types: floats, text: '(x: T[5, 1, 4]) -> (y)\nw = T[1, 24, 4]\nr = T[1, 24, 6]\ny = LSTM(x, w, r) {hidden_size: 6}' },
  { op: 'GRU', types: floats, text: '(x: T[5, 1, 4]) -> (y)\nw = T[1, 18, 4]\nr = T[1, 18, 6]\ny = GRU(x, w, r) {hidden_size: 6}' },
  { op: 'RNN', types: floats, text: '(x: T[5, 1, 4]) -> (y)\nw = T[1, 6, 4]\nr = T[1, 6, 6]\ny = RNN(x, w, r) {hidden_size: 6}' },
  {
    op: 'com.microsoft.FusedMatMul',
    types: narrowFloats,
    text: '(a: T[2, 8], b: T[4, 8]) -> (y)\ny = com.microsoft.FusedMatMul(a, b) {transB: 1, alpha: 0.5}',
  },
  {
    op: 'com.microsoft.FusedGemm',
    types: narrowFloats,
    text: '(x: T[4, 8]) -> (y)\nw = T[8, 6]\nb = T[6]\ny = com.microsoft.FusedGemm(x, w, b) {activation: "Relu"}',
  },
  {
    op: 'com.microsoft.FusedConv',
    types: narrowFloats,
    text: `${images}\nw = T[6, 4, 3, 3]\nb = T[6]\ny = com.microsoft.FusedConv(x, w, b) {activation: "Relu"}`,
  },
  {
    op: 'com.microsoft.FusedConv',
    types: narrowFloats,
    special: 'with sum',
    text: `${images}\nw = T[4, 4, 3, 3]\nb = T[4]\ny = com.microsoft.FusedConv(x, w, b, x) {pads: [1, 1, 1, 1], activation: "Relu"}`,
  },
  {
    op: 'com.microsoft.NhwcConv',
    types: narrowFloats,
    text: '(x: T[1, 8, 8, 4]) -> (y)\nw = T[6, 3, 3, 4]\ny = com.microsoft.NhwcConv(x, w)',
  },
]

export const linear: readonly KernelCase[] = templates.flatMap(casesOf)
