import { dtypeOfCode } from '../../ir/dtype.ts'
import { attribute, type Call, type Family, type Infer, tensor } from '../operator.ts'

const quantize: Infer = (call) => {
  const given = dtypeOfCode(attribute(call, 'output_dtype', 0))
  return [tensor(call.has(2) ? call.dtype(2) : (given ?? 'uint8'), call.shape(0))]
}

const dequantize: Infer = (call) => [tensor(dtypeOfCode(attribute(call, 'output_dtype', 0)) ?? call.dtype(1), call.shape(0))]

const dynamicQuantize: Infer = (call: Call) => [tensor('uint8', call.shape(0)), tensor('float32', []), tensor('uint8', [])]

export const quantization: Family = {
  QuantizeLinear: { infer: quantize },
  DequantizeLinear: { infer: dequantize },
  DynamicQuantizeLinear: { infer: dynamicQuantize },
}
