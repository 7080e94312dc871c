import { int } from '../ir/attributes.ts'
import type { DType } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { float32Tensor } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import type { Value } from '../ir/value.ts'
import { type BlockConstants, constantsKey } from './block-constants.ts'
import type { BlockBits } from './block-grid.ts'
import { BlockShifts } from './block-shifts.ts'
import { scaledBias } from './dynamic.ts'
import { activationNow, biasNow, type Lookup, type Product } from './operand.ts'
import { Substitute } from './substitute.ts'

/** Element types of the widths: with a zero point of each block's own, and around the middle code. */
const widths: Readonly<Record<BlockBits, readonly [DType, DType]>> = { 2: ['uint2', 'int2'], 4: ['uint4', 'int4'], 8: ['uint8', 'int8'] }

/** Replaces products and look-ups by operators on block-wise weights. Nodes that share a weight share its constants. */
export class BlockRewriter {
  readonly #constants = new Map<string, readonly (Value | null)[]>()
  readonly #shifts = new BlockShifts()
  readonly #accuracyLevel: number

  constructor(accuracyLevel: number) {
    this.#accuracyLevel = accuracyLevel
  }

  /** MatMul or Gemm as MatMulNBits. */
  product(product: Product, constants: BlockConstants): void {
    const { node, weight, factor } = product
    const bias = biasNow(product)
    const { channels, depth, options } = constants
    const make = new Substitute(node)
    const [values, scales, zeros] = this.#nbits(weight, factor === 1 ? constants : scaled(constants, factor), factor)
    const { block } = options
    const bytes = Math.ceil((block * options.bits) / 8)
    const shape = [channels, Math.ceil(depth / block), bytes]
    const attributes = {
      K: int(depth),
      N: int(channels),
      bits: int(options.bits),
      block_size: int(block),
      accuracy_level: int(this.#accuracyLevel),
    }
    const operand = this.#reshaped(make, values as Value, shape)
    const inputs = [activationNow(product), operand, scales as Value, ...(zeros ? [zeros] : [])]
    const codes = make.op('MatMulNBits', inputs, { domain: 'com.microsoft', attributes })
    const result = this.#shifts.added(make, product, { codes, constants })
    make.finish(bias === null ? result : make.op('Add', [result, scaledBias(bias)], { suffix: '/bias' }))
  }

  /** Gather as GatherBlockQuantized. */
  lookup({ node, weight }: Lookup, constants: BlockConstants): void {
    const { options } = constants
    const indices = node.inputs[1] as Value
    const make = new Substitute(node)
    const [values, scales, zeros] = this.#nbits(weight, constants, 1)
    const attributes = { gather_axis: int(0), quantize_axis: int(1), block_size: int(options.block), bits: int(options.bits) }
    const inputs = [values as Value, indices, scales as Value, ...(zeros ? [zeros] : [])]
    make.finish(make.op('GatherBlockQuantized', inputs, { domain: 'com.microsoft', attributes }))
  }

  /** Keeps the operator, its weight behind a block-wise DequantizeLinear (operator set 21). */
  dequantized(product: Product, constants: BlockConstants): void {
    const make = new Substitute(product.node)
    const { options, depth, channels } = constants
    const { node, weight } = product
    const inputs = this.#columns(weight, constants)
    const attributes = { axis: int(0), block_size: int(options.block) }
    const real = make.op('DequantizeLinear', inputs, { attributes, suffix: '/dequantize' })
    make.graph.setType(real, { kind: 'tensor', dtype: 'float32', shape: [depth, channels] })
    const untransposed = new Map([...node.attributes].filter(([name]) => name !== 'transB'))
    if (constants.weights.shifts !== null) {
      const [activation = null, , ...rest] = node.inputs
      const codes = make.op(node.opType, [activation, real, ...rest], { attributes: untransposed })
      make.finish(this.#shifts.added(make, product, { codes, constants }))
      return
    }
    make.graph.setInput(node, 1, real)
    if (untransposed.size < node.attributes.size) make.graph.setAttributes(node, untransposed)
  }

  /** Stored with two dimensions, as look-ups want them. */
  #nbits(weight: Value, constants: BlockConstants, factor: number): readonly (Value | null)[] {
    const { weights, channels } = constants
    const suffix = factor === 1 ? '' : `_times_${factor}`
    const key = constantsKey(weight, constants)
    return this.#remembered(`${key}${suffix}`, () => [
      this.#remembered(`${key} values`, () => [
        Substitute.constant(weight, '_blocks', tensorOf('uint8', [channels, weights.values.length / channels], weights.values)),
      ])[0] as Value,
      Substitute.constant(weight, `_scales${suffix}`, float32Tensor([channels, weights.scales.length / channels], weights.scales)),
      weights.zeros &&
        Substitute.constant(weight, `_zero_points${suffix}`, tensorOf('uint8', [channels, weights.zeros.length / channels], weights.zeros)),
    ])
  }

  #columns(weight: Value, constants: BlockConstants): readonly Value[] {
    const { weights, options, channels, depth } = constants
    const blocks = Math.ceil(depth / options.block)
    const found = this.#remembered(constantsKey(weight, constants), () => {
      const [unsigned, signed] = widths[options.bits]
      const dtype = weights.zeros === null ? signed : unsigned
      const values = weights.zeros === null ? signedCodes(weights.values, options.bits) : weights.values
      return [
        Substitute.constant(weight, '_blocks', tensorOf(dtype, [depth, channels], values)),
        Substitute.constant(weight, '_scales', float32Tensor([blocks, channels], weights.scales)),
        weights.zeros && Substitute.constant(weight, '_zero_points', tensorOf(dtype, [blocks, channels], weights.zeros)),
      ]
    })
    return found.filter((value): value is Value => value !== null)
  }

  /** The product wants its blocks in three dimensions; the constant is stored that way unless a look-up shares it. */
  #reshaped(make: Substitute, values: Value, shape: readonly number[]): Value {
    if (values.uses.length > 0 || values.initializer === null) {
      const dims = Substitute.constant(values, '_shape', tensorOf('int64', [3], new Uint8Array(BigInt64Array.from(shape, BigInt).buffer)))
      return make.op('Reshape', [values, dims], { suffix: '/blocks' })
    }
    const graph = values.graph as Graph
    graph.setInitializer(values, tensorOf('uint8', shape, values.initializer.read()))
    return values
  }

  #remembered(key: string, make: () => readonly (Value | null)[]): readonly (Value | null)[] {
    const before = this.#constants.get(key)
    if (before !== undefined) return before
    const fresh = make()
    this.#constants.set(key, fresh)
    return fresh
  }
}

const scaled = (constants: BlockConstants, factor: number): BlockConstants => ({
  ...constants,
  weights: { ...constants.weights, scales: constants.weights.scales.map((scale) => scale * factor) },
})

/** Unsigned codes around the middle as two's complement: the top bit of each flips. */
function signedCodes(values: Uint8Array, bits: BlockBits): Uint8Array {
  const flips = { 2: 0xaa, 4: 0x88, 8: 0x80 }[bits]
  return values.map((byte) => byte ^ flips)
}
