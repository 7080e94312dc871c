import { int, ints } from '../ir/attributes.ts'
import { onnxCode } from '../ir/dtype.ts'
import { arrayBytes, float32Tensor, floatsOf } from '../ir/numbers.ts'
import { type Tensor, tensorOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { takeBiasOutOfSum } from './bias-of-sum.ts'
import type { EightBitWeights } from './eight-bit.ts'
import { activationNow, biasNow, type Convolution, type Lookup, type PackedAttention, type Product } from './operand.ts'
import { Substitute } from './substitute.ts'
import { transposed, type WeightMatrix } from './weight-matrix.ts'

/** A constant in 8 bits, in the order in which it was stored. */
export interface StoredEightBit extends EightBitWeights {
  readonly dims: readonly number[]
  /** How the constant was read: what is multiplied by as it is and transposed has scales of its columns and of its rows. */
  readonly layout: WeightMatrix['layout']
}

const toFloat = { to: int(onnxCode('float32')) }

/**
 * Rewrites products with constants to 8-bit arithmetic whose activations are quantized while the model runs (one scale a tensor, from its
 * own range). ONNX Runtime fuses what stands here, DynamicQuantizeLinear, MatMulInteger, Cast and Mul, into one kernel.
 */
export class DynamicRewriter {
  /** One quantizer for all readers of an activation. */
  readonly #quantizers = new Map<Value, readonly Value[]>()
  readonly #constants = new Map<string, Value>()

  /** MatMul or Gemm. `tied`: the stored constant also serves a look-up, so it stays as it is and a Transpose stands before the product. */
  product(product: Product, weights: StoredEightBit, tied: boolean): void {
    const { node, weight, factor } = product
    const bias = biasNow(product)
    takeBiasOutOfSum(node)
    const make = new Substitute(node)
    const [whole, scale, zero] = this.#quantizer(make, activationNow(product)) as [Value, Value, Value]
    const operand = this.#matrix(make, product, weights, tied)
    const zeroPoint = this.#zeroPoint(weight, weights)
    const sums = make.op('MatMulInteger', [whole, operand, zero, ...(zeroPoint ? [zeroPoint] : [])])
    const factors = this.#scales(weight, weights, factor)
    const result = this.#toReal(make, sums, make.op('Mul', [scale, factors], { suffix: '/scale' }))
    make.finish(bias === null ? result : make.op('Add', [result, scaledBias(bias)], { suffix: '/bias' }))
  }

  /** Conv. Channels lie on axis 1 of the result. */
  convolution(convolution: Convolution, weights: StoredEightBit): void {
    const { node, weight, tensor } = convolution
    const bias = node.inputs[2] ?? null
    const make = new Substitute(node)
    const [whole, scale, zero] = this.#quantizer(make, activationNow(convolution)) as [Value, Value, Value]
    const zeroPoint = this.#zeroPoint(weight, weights)
    const operand = this.#constant(weight, weights, '_quantized', () => wholeTensor(weights, weights.dims))
    const inputs = [whole, operand, zero, ...(zeroPoint ? [zeroPoint] : [])]
    const sums = make.op('ConvInteger', inputs, { attributes: node.attributes })
    const channelDims = [tensor.ref.dims[0] ?? 1, ...tensor.ref.dims.slice(2).map(() => 1)]
    const perChannel = weights.scales.length > 1
    const factors = this.#constant(weight, weights, '_scale', () => float32Tensor(perChannel ? channelDims : [], weights.scales))
    const result = this.#toReal(make, sums, make.op('Mul', [scale, factors], { suffix: '/scale' }))
    if (bias === null) {
      make.finish(result)
      return
    }
    const shape = Substitute.constant(bias, '_shape', shapeTensor(channelDims))
    make.finish(make.op('Add', [result, make.op('Reshape', [bias, shape], { suffix: '/bias-shape' })], { suffix: '/bias' }))
  }

  /** Attention with packed weights. */
  attention(attention: PackedAttention, weights: StoredEightBit): void {
    const { node, weight } = attention
    const make = new Substitute(node)
    const [whole, scale, zero] = this.#quantizer(make, activationNow(attention)) as [Value, Value, Value]
    const [, , bias = null, mask = null, past = null] = node.inputs
    const operand = this.#constant(weight, weights, '_quantized', () => wholeTensor(weights, weights.dims))
    const inputs = [whole, operand, bias, scale, this.#scales(weight, weights, 1), mask, zero, this.#zeroPoint(weight, weights), past]
    const { attributes, outputs } = node
    make.finishAll(make.ops('QAttention', inputs, { domain: 'com.microsoft', attributes, outputs: outputs.length }))
  }

  /** Gather of embedding rows: the rows' whole numbers and their scales are looked up and multiplied. */
  lookup({ node, weight }: Lookup, weights: StoredEightBit): void {
    const indices = node.inputs[1] as Value
    const make = new Substitute(node)
    const table = this.#constant(weight, weights, '_quantized', () => wholeTensor(weights, weights.dims))
    const rows = make.op('Gather', [table, indices], { attributes: node.attributes })
    const perRow = weights.scales.length > 1
    const scales = this.#constant(weight, weights, perRow ? '_row_scale' : '_scale', () =>
      float32Tensor(perRow ? [weights.scales.length, 1] : [], weights.scales),
    )
    const zero = this.#zeroPoint(weight, weights)
    if (perRow) {
      const rowScales = make.op('Gather', [scales, indices], { suffix: '/scale', attributes: node.attributes })
      make.finish(this.#toReal(make, rows, rowScales, zero))
    } else {
      make.finish(make.op('DequantizeLinear', [rows, scales, ...(zero ? [zero] : [])], { suffix: '/dequantize' }))
    }
  }

  #toReal(make: Substitute, whole: Value, scale: Value, zero: Value | null = null): Value {
    const floats = (value: Value, suffix: string) => make.op('Cast', [value], { suffix, attributes: toFloat })
    const codes = floats(whole, '/to-float')
    const counted = zero === null ? codes : make.op('Sub', [codes, floats(zero, '/zero-point-to-float')], { suffix: '/from-zero-point' })
    return make.op('Mul', [counted, scale], { suffix: '/to-real' })
  }

  #quantizer(make: Substitute, activation: Value): readonly Value[] {
    let quantizer = this.#quantizers.get(activation)
    if (quantizer === undefined || quantizer[0]?.graph !== make.graph) {
      quantizer = make.ops('DynamicQuantizeLinear', [activation], { outputs: 3, suffix: '/quantize' })
      this.#quantizers.set(activation, quantizer)
    }
    return quantizer
  }

  #matrix(make: Substitute, { weight, matrix }: Product, weights: StoredEightBit, tied: boolean): Value {
    if (matrix.layout === 'columns') return this.#constant(weight, weights, '_quantized', () => wholeTensor(weights, weights.dims))
    if (tied) {
      const stored = this.#constant(weight, weights, '_quantized', () => wholeTensor(weights, weights.dims))
      return make.op('Transpose', [stored], { suffix: '/transpose', attributes: { perm: ints([1, 0]) } })
    }
    return this.#constant(weight, weights, '_quantized_t', () => {
      const { channels, depth } = matrix
      return wholeTensor({ ...weights, values: transposed(weights.values, channels, depth) }, [depth, channels])
    })
  }

  #scales(weight: Value, stored: StoredEightBit, factor: number): Value {
    const { scales } = stored
    const suffix = factor === 1 ? '_scale' : `_scale_${factor}`
    const values = factor === 1 ? scales : scales.map((scale) => scale * factor)
    return this.#constant(weight, stored, suffix, () => float32Tensor(scales.length > 1 ? [scales.length] : [], values))
  }

  /** `null` where the zero point is 0, which the operators assume. */
  #zeroPoint(weight: Value, stored: StoredEightBit): Value | null {
    const { zeroPoint } = stored
    return zeroPoint === 0 ? null : this.#constant(weight, stored, '_zero_point', () => tensorOf('uint8', [], Uint8Array.of(zeroPoint)))
  }

  /** One constant for all nodes that share a weight and read it alike. */
  #constant(weight: Value, { layout }: Pick<StoredEightBit, 'layout'>, suffix: string, make: () => Tensor): Value {
    const key = `${weight.id} ${layout} ${suffix}`
    let constant = this.#constants.get(key)
    if (constant === undefined) {
      constant = Substitute.constant(weight, suffix, make())
      this.#constants.set(key, constant)
    }
    return constant
  }
}

const wholeTensor = ({ values }: Pick<EightBitWeights, 'values'>, dims: readonly number[]): Tensor =>
  tensorOf(values instanceof Int8Array ? 'int8' : 'uint8', dims, arrayBytes(values))

const shapeTensor = (dims: readonly number[]): Tensor =>
  tensorOf('int64', [dims.length], new Uint8Array(BigInt64Array.from(dims, BigInt).buffer))

/** Gemm's C times beta; the pass has made sure that a computed C has beta 1. */
export function scaledBias({ value, factor }: NonNullable<Product['bias']>): Value {
  const tensor = value.constant
  if (factor === 1 || tensor === null) return value
  const scaled = floatsOf(tensor).map((element) => element * factor)
  return Substitute.constant(value, '_scaled', float32Tensor(tensor.ref.dims, scaled))
}

/** Constants that a rewritten node read, to be dropped when it was the last. */
export const constantsOf = (node: Node): Value[] =>
  node.inputs.filter((value): value is Value => value !== null && (value.constant !== null || value.producer?.opType === 'Transpose'))
