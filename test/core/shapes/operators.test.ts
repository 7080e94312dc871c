import { describe, expect, it } from 'vitest'
import { isAtLeast, minimumDim } from '../../../core/shapes/dim.ts'
import { inferShapes } from '../../../core/shapes/infer.ts'
import { modelOf } from '../../support/graph.ts'

/** The types of the outputs of a model's last node. */
function inferred(text: string): string[] {
  const model = modelOf(text)
  inferShapes(model)
  const last = model.graph.nodes.at(-1)!
  return last.outputs.map(({ type }) =>
    type?.kind === 'tensor' ? `${type.dtype}[${type.shape?.map((dim) => dim ?? '?').join(', ') ?? '*'}]` : '?',
  )
}

describe('inferred shapes', () => {
  it('count the places of what one number fills, and leave others to the data', () => {
    const filled = (value: number) => `(x: float32[n, 4]) -> (y)
      s = Shape(x) {start: 0, end: 1}
      f = ConstantOfShape(s) {value: int64[1] {${value}}}
      y = NonZero(f)`
    expect(inferred(filled(1))).toEqual(['int64[1, n]'])
    expect(inferred(filled(0))).toEqual(['int64[1, ?]'])
    expect(inferred('(x: float32[n, 4]) -> (y)\ny = NonZero(x)')).toEqual(['int64[2, ?]'])
    expect(inferred('(x: float32[n, 4]) -> (y)\ns = Shape(x) {start: 1}\ny = NonZero(s)')).toEqual(['int64[1, 1]'])
  })

  it('of a Slice leave off elements that are certainly there', () => {
    const cut = (size: string, start: number, end: number) =>
      inferred(
        `(x: float32[2, ${size}]) -> (y)
        c = Conv(u, float32[3, 1, 4]) {kernel_shape: [4], pads: [2, 2]}
        y = Slice(c, int64[1] {${start}}, int64[1] {${end}}, int64[1] {2})`.replace('c = Conv', 'u = Unsqueeze(x, int64[1] {1})\nc = Conv'),
      )
    expect(cut('n', 0, -1)).toEqual(['float32[2, 3, n]'])
    expect(cut('n', 1, 1000000000)).toEqual(['float32[2, 3, n]'])
    expect(cut('n', 0, -2)).toEqual(['float32[2, 3, ?]'])
    expect(isAtLeast('floor((n - 10)/5) + 2', 1)).toBe(true)
    expect(isAtLeast('n + 2', 3)).toBe(false)
    expect(isAtLeast('n - m + 2', 1)).toBe(false)
  })

  it('of packed and standard attention join past and present', () => {
    const packed = '(x: float32[b, l, 8], p: float32[2, b, 2, t, 4], m: int32[b, l]) -> (y, z)'
    const weights = 'float32[8, 24], float32[24]'
    expect(inferred(`${packed}\ny, z = com.microsoft.Attention(x, ${weights}, _, p) {num_heads: 2}`)).toEqual([
      'float32[b, l, 8]',
      'float32[2, b, 2, l + t, 4]',
    ])
    expect(inferred(`${packed}\ny, z = com.microsoft.Attention(x, ${weights}) {num_heads: 2}`)[1]).toBe('float32[2, b, 2, l, 4]')
    const standard = 'opset 23\n(q: float32[b, l, 8], pk: float32[b, 2, t, 4], pv: float32[b, 2, t, 4]) -> (y, k, v)'
    expect(inferred(`${standard}\ny, k, v = Attention(q, q, q, _, pk, pv) {q_num_heads: 2, kv_num_heads: 2}`)[1]).toBe(
      'float32[b, 2, l + t, 4]',
    )
  })

  it('of an Einsum follow its letters and what an ellipsis stands for', () => {
    const einsum = (equation: string, a: string, b: string) =>
      inferred(`(a: float32[${a}], b: float32[${b}]) -> (y)\ny = Einsum(a, b) {equation: "${equation}"}`)
    expect(einsum('bij,bjk->bik', 'n, 2, 3', 'n, 3, 4')).toEqual(['float32[n, 2, 4]'])
    expect(einsum('...ij,...jk->...ik', 'n, 5, 2, 3', '5, 3, 4')).toEqual(['float32[n, 5, 2, 4]'])
    expect(einsum('...i,i->...', 'n, 2, 3', '3')).toEqual(['float32[n, 2]'])
  })

  it('of what dropping tells: a truth for each element, or a bit', () => {
    const dropped = (call: string) => inferred(`(x: float32[n, 64]) -> (y, m)\ny, m = com.microsoft.${call}`)
    expect(dropped('BiasDropout(x, float32[64])')).toEqual(['float32[n, 64]', 'bool[n, 64]'])
    expect(dropped('BitmaskDropout(x)')).toEqual(['float32[n, 64]', 'uint32[floor((n*64 + 31)/32)]'])
  })

  it('of classical models give labels and scores', () => {
    const text = '(x: float32[n, 4]) -> (l, s)\nl, s = ai.onnx.ml.LinearClassifier(x) {classlabels_ints: [0, 1, 2], coefficients: [0.5]}'
    expect(inferred(text)).toEqual(['int64[n]', 'float32[n, 3]'])
    expect(inferred('(x: int64[n]) -> (y)\ny = ai.onnx.ml.LabelEncoder(x) {keys_int64s: [1], values_floats: [0.5]}')).toEqual([
      'float32[n]',
    ])
  })

  it('take the smaller of a size and that size with more to it', () => {
    expect(minimumDim('past', 'past + seq')).toBe('past')
    expect(minimumDim('a*2 + 3', 'a')).toBe('a')
    expect(minimumDim('a', 'b')).toBe('min(a, b)')
    expect(minimumDim('a', 'a + b - 1')).toBe('min(a, a + b - 1)')
  })
})
