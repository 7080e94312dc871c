import { describe, expect, it } from 'vitest'
import type { Target } from '../../../core/api/pipeline.ts'
import { isLegal } from '../../../core/targets/is-legal.ts'
import { fateOnCpu } from '../../../core/targets/ort/legal.ts'
import { modelOf } from '../../support/graph.ts'

/** The last node of a text. */
const nodeOf = (text: string) => modelOf(text).graph.nodes.at(-1) as ReturnType<typeof modelOf>['graph']['nodes'][number]
const verdict = (text: string, target: Target) => isLegal(nodeOf(text), target)

const gelu = (type: string) => `(x: ${type}[2, 4], b: ${type}[4]) -> (y)\ny = com.microsoft.BiasGelu(x, b)`

describe('isLegal', () => {
  it('keeps contrib operators to onnxruntime', () => {
    expect(verdict(gelu('float32'), 'ort')).toBe(true)
    expect(verdict(gelu('float32'), 'onnx')).toBe('com.microsoft.BiasGelu is no operator of the ONNX standard')
    expect(verdict(gelu('float32'), 'tensorrt')).toContain('standard operators only')
    expect(verdict(gelu('float32'), 'tflite')).toBe(true)
    expect(verdict(gelu('float32').replace('BiasGelu', 'FusedMatMul'), 'tflite')).toContain('no counterpart')
  })

  it('goes by what ran: types, pairs of types, forms of inputs, numbers of bits', () => {
    expect(verdict(gelu('bfloat16'), 'ort')).toBe(
      "com.microsoft.BiasGelu does not run on onnxruntime's CPU provider with bfloat16: no kernel",
    )
    expect(fateOnCpu(nodeOf(gelu('float16')))).toEqual({ kind: 'casts' })
    expect(fateOnCpu(nodeOf('(x: float32[2]) -> (y)\ny = Mish(x)'))).toEqual({ kind: 'function', body: ['Softplus', 'Tanh', 'Mul'] })
    const product = (a: string, w: string) =>
      `(x: ${a}[2, 4]) -> (y)\nw = ${w}[4, 4]\ns = float32[] {1}\na = ${a}[] {0}\nz = ${w}[] {0}\ny = QLinearMatMul(x, s, a, w, s, z, s, a)`
    expect(verdict(product('uint8', 'int8'), 'ort')).toBe(true)
    expect(verdict(product('int8', 'uint8'), 'ort')).toContain('s8 x u8: no kernel')
    expect(verdict('(q: float32[1, 4, 8]) -> (y)\ny = com.microsoft.MultiHeadAttention(q, q, q) {num_heads: 2}', 'ort')).toBe(true)
    expect(verdict('(q: float32[1, 4, 2, 3, 4]) -> (y)\ny = com.microsoft.MultiHeadAttention(q) {num_heads: 2}', 'ort')).toContain(
      'Packed QKV of shape (B, L, N, 3, H) not implemented for CPU',
    )
    const bits = (count: number) =>
      `(x: float32[1, 32], w: uint8[4, 1, 16], s: float32[4, 1]) -> (y)\ny = com.microsoft.MatMulNBits(x, w, s) {K: 32, N: 4, bits: ${count}, block_size: 32}`
    expect([2, 4, 8].map((count) => verdict(bits(count), 'ort'))).toEqual([true, true, true])
    expect(verdict(bits(3), 'ort')).toContain('Only 2b, 4b and 8b')
    expect(verdict('(x: bfloat16[2, 2]) -> (y)\ny = MatMul(x, x)', 'ort')).toContain('no kernel')
  })

  it('asks for proof of contrib operators, and passes standard ones that were not tried', () => {
    expect(verdict('(x: float32[2]) -> (y)\ny = com.microsoft.Inverse(x)', 'ort')).toContain('was not seen to run')
    expect(verdict('(x: float32[1, 2, 4, 4], r: float32[1, 5]) -> (y)\ny = MaxRoiPool(x, r) {pooled_shape: [2, 2]}', 'ort')).toBe(true)
    expect(verdict('(x: float32[2]) -> (y)\ny = com.microsoft.nchwc.ReorderInput(x)', 'ort')).toContain('this machine only')
  })

  it('knows which operator set brought an operator', () => {
    expect(verdict('opset 17\n(x: float32[2]) -> (y)\ny = Gelu(x)', 'onnx')).toBe('Gelu came with opset 20, and the model is of opset 17')
    expect(verdict('opset 20\n(x: float32[2]) -> (y)\ny = Gelu(x)', 'onnx')).toBe(true)
    expect(verdict('opset 17\n(x: float32[2]) -> (y)\ny = Upsample(x, x)', 'onnx')).toContain('left the standard after opset 9')
    expect(verdict('(x: float32[2]) -> (y)\ny = SimplifiedLayerNormalization(x, x)', 'onnx')).toBe(
      'there is no standard operator SimplifiedLayerNormalization',
    )
    expect(verdict('(x: float32[2]) -> (y)\ny = SimplifiedLayerNormalization(x, x)', 'ort')).toBe(true)
    expect(verdict('opset 28\n(x: float32[2]) -> (y)\ny = Relu(x)', 'ort')).toMatch(
      /knows operator sets up to \d+, and the model is of opset 28/,
    )
  })

  it('wants symmetric signed codes for TensorRT', () => {
    const grid = (type: string, zero: number) =>
      `(x: float32[2]) -> (y)\ns = float32[] {0.1}\nz = ${type}[] {${zero}}\ny = QuantizeLinear(x, s, z)`
    const quantized = (type: string, zero: number) => {
      const model = modelOf(grid(type, zero))
      const node = model.graph.nodes.at(-1) as ReturnType<typeof nodeOf>
      model.graph.setType(node.outputs[0] as (typeof node.outputs)[number], { kind: 'tensor', dtype: type as 'int8', shape: [2] })
      return isLegal(node, 'tensorrt')
    }
    expect(quantized('int8', 0)).toBe(true)
    expect(quantized('int8', 3)).toBe('TensorRT wants zero points of 0')
    expect(quantized('uint8', 0)).toContain('not to uint8')
    expect(verdict('(x: int8[2, 2]) -> (y)\ny = MatMulInteger(x, x)', 'tensorrt')).toContain('does not take MatMulInteger')
  })

  it('lets no operator of our own through', () => {
    for (const target of ['onnx', 'ort', 'tensorrt', 'tflite'] as const) {
      expect(verdict('(x: float32[2]) -> (y)\ny = lathe.Norm(x)', target)).toContain('must be lowered first')
    }
  })
})
