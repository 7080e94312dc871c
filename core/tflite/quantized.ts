import { numbersOf } from '../ir/numbers.ts'
import type { Node, Value } from '../ir/value.ts'
import { axisOf, number, optional } from './attributes.ts'
import type { TfliteQuantization } from './file.ts'

/** A constant in 8 bits as the runtime wants it: signed, with the scales it was quantized by. */
export interface QuantizedConstant {
  readonly data: Uint8Array
  readonly dims: readonly number[]
  readonly dtype: 'int8' | 'int32'
  readonly quantization: TfliteQuantization
}

/** uint8 and int8 hold the same numbers 128 apart: the runtime's kernels are signed. */
export const unsignedOffset = 128

/** The scales of a QuantizeLinear or DequantizeLinear whose stored type has 8 bits (or 32, for biases); `null` when they are computed or of another kind. */
export function quantizationOf(node: Node, stored: string, rank: number): TfliteQuantization | null {
  const scale = node.inputs[1]?.constant ?? null
  const zeroPoint = optional(node, 2)
  if (scale === null || (zeroPoint !== null && zeroPoint.constant === null) || number(node, 'block_size', 0) !== 0) return null
  if (stored !== 'int8' && stored !== 'uint8' && stored !== 'int32') return null
  const scales = [...numbersOf(scale)]
  const zeros = zeroPoint?.constant ? [...numbersOf(zeroPoint.constant)] : scales.map(() => 0)
  const shift = stored === 'uint8' ? unsignedOffset : 0
  return {
    scale: scales,
    zeroPoint: zeros.map((zero) => zero - shift),
    axis: scales.length > 1 ? axisOf(number(node, 'axis', 1), rank) : 0,
  }
}

export const sameQuantization = (a: TfliteQuantization, b: TfliteQuantization): boolean =>
  a.scale.length === b.scale.length &&
  a.scale.every((scale, i) => scale === b.scale[i]) &&
  a.zeroPoint.every((zero, i) => zero === b.zeroPoint[i])

/** The stored type of what a node quantizes to or from. */
export const storedTypeOf = (value: Value | null | undefined): string =>
  value?.type?.kind === 'tensor' ? value.type.dtype : (value?.initializer?.ref.dtype ?? '')

/** Four bits are stored in eight, on the same grid: whole numbers and scales stay what they are. */
const halfBytes: Readonly<Record<string, 'int8' | 'uint8'>> = { int4: 'int8', uint4: 'uint8' }

/** The constant of 4 or 8 bits (or int32) behind a DequantizeLinear, `null` when the value is something else. */
export function quantizedConstant(value: Value): QuantizedConstant | null {
  const node = value.producer
  const stored = node?.opType === 'DequantizeLinear' ? (node.inputs[0]?.constant ?? null) : null
  if (node === null || stored === null) return null
  const { dims } = stored.ref
  const dtype = halfBytes[stored.ref.dtype] ?? stored.ref.dtype
  const quantization = quantizationOf(node, dtype, dims.length)
  if (quantization === null) return null
  if (dtype === 'int32') return { data: stored.read(), dims, dtype, quantization }
  const bytes = stored.ref.dtype === dtype ? stored.read() : Uint8Array.from(numbersOf(stored))
  return { data: dtype === 'uint8' ? bytes.map((byte) => byte ^ 0x80) : bytes, dims, dtype: 'int8', quantization }
}

/** The numbers that a constant with one scale, or one an element of its axis, stands for. */
export function dequantized({ data, dims, dtype, quantization }: QuantizedConstant): Float32Array {
  const { buffer } = new Uint8Array(data)
  const stored = dtype === 'int8' ? new Int8Array(buffer) : new Int32Array(buffer)
  const { scale, zeroPoint, axis } = quantization
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1)
  return Float32Array.from(stored, (value, i) => {
    const at = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length
    return (scale[at] as number) * (value - (zeroPoint[at] as number))
  })
}

/** The scales that all readers of a value quantize it with: the kernel that computes it can give it out in 8 bits at once. */
export function sinkOf(value: Value): TfliteQuantization | null {
  if (value.isOutput || value.uses.length === 0) return null
  let found: TfliteQuantization | null = null
  for (const { node, index } of value.uses) {
    if (node.opType !== 'QuantizeLinear' || index !== 0) return null
    const next = quantizationOf(node, storedTypeOf(node.outputs[0]), 0)
    if (next === null || next.scale.length > 1 || (found !== null && !sameQuantization(found, next))) return null
    found = next
  }
  return found
}
