import { expect, it } from 'vitest'
import { runtimePrecision } from '../../../renderer/model-view/runtime-precision.ts'

it('tells integers by the kernel, whatever flows around it', () => {
  expect(runtimePrecision(['com.microsoft.MatMulIntegerToFloat', 'Softmax'], ['float32[2]'])).toBe('INT8')
  expect(runtimePrecision(['com.microsoft.DynamicQuantizeMatMul'], ['float32[2]'])).toBe('INT8')
  expect(runtimePrecision(['QLinearConv'], ['uint8[1]'])).toBe('INT8')
  expect(runtimePrecision(['com.microsoft.MatMulNBits'], ['float32[2]'])).toBe('INT4')
  // Splitting an integer tensor computes nothing in integers.
  expect(runtimePrecision(['Split'], ['int64[2]', 'float32[2]'])).toBe('FP32')
})

it('takes half precision with casts around it for what it is: floats', () => {
  expect(runtimePrecision(['Gelu'], ['float16[2]'])).toBe('FP16')
  expect(runtimePrecision(['Cast', 'MatMul', 'Cast'], ['float16[2]'])).toBe('FP32')
})
