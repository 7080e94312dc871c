import { int, ints } from '../ir/attributes.ts'
import { onnxCode } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { arrayBytes, float32Tensor, halfToNumber, int64Tensor } from '../ir/numbers.ts'
import { type Tensor, tensorOf } from '../ir/tensor.ts'
import type { Value } from '../ir/value.ts'
import { shapeOf } from '../shapes/shape-facts.ts'
import { type BlockConstants, constantsKey } from './block-constants.ts'
import { activationNow, type Product } from './operand.ts'
import { Substitute } from './substitute.ts'

/** From this operator set on ReduceSum takes its axes as an input. */
const axesAsInput = 13

/**
 * Zero points that are no codes, as a product beside that of the codes: what a block's zero point adds to each of its weights is multiplied
 * by the sum of the activations that meet the block, which is 1 / block of the multiplications. ONNX Runtime's MatMulNBits takes real zero
 * points itself, but unpacks the whole weight for it at every run (150 times slower for one row), and not at 8 bits.
 */
export class BlockShifts {
  /** Sums of an activation over blocks, for all products that read it. */
  readonly #sums = new Map<string, Value>()
  readonly #constants = new Map<string, Value>()

  /** The result with the shifts of the blocks, where there are any; `codes` is the product of the codes around the middle one. */
  added(make: Substitute, product: Product, { codes, constants }: { codes: Value; constants: BlockConstants }): Value {
    const { shifts } = constants.weights
    if (shifts === null) return codes
    const sums = this.#sumsOf(make, activationNow(product), constants)
    const share = make.op('MatMul', [sums, this.#operand(make, product, { ...constants, shifts })], { suffix: '/zero-points' })
    return make.op('Add', [codes, share], { suffix: '/with-zero-points' })
  }

  #operand(make: Substitute, { weight, factor }: Product, { shifts, ...constants }: Shifted): Value {
    const { channels, depth, options } = constants
    const dims = [Math.ceil(depth / options.block), channels]
    const key = `${constantsKey(weight, constants)} ${factor}`
    if (shifts instanceof Float32Array || factor !== 1) {
      const floats = shifts instanceof Float32Array ? shifts : Float32Array.from(shifts, halfToNumber)
      return this.#constant(key, weight, () => float32Tensor(dims, factor === 1 ? floats : floats.map((shift) => shift * factor)))
    }
    const halves = this.#constant(key, weight, () => tensorOf('float16', dims, arrayBytes(shifts)))
    return make.op('Cast', [halves], { attributes: { to: int(onnxCode('float32')) }, suffix: '/zero-points-to-float' })
  }

  #sumsOf(make: Substitute, activation: Value, constants: BlockConstants): Value {
    const { block } = constants.options
    const key = `${make.graph.path} ${activation.id} ${block}`
    const before = this.#sums.get(key)
    if (before !== undefined && before.graph === make.graph) return before
    const rank = shapeOf(activation)?.length
    const whole = constants.depth % block === 0
    const sums =
      rank === undefined || !whole ? this.#productOfOnes(make, activation, constants) : reduced(make, activation, constants, rank)
    this.#sums.set(key, sums)
    return sums
  }

  /** For depths that are no whole number of blocks, and activations of unknown rank. */
  #productOfOnes(make: Substitute, activation: Value, { depth, options: { block } }: BlockConstants): Value {
    const blocks = Math.ceil(depth / block)
    const ones = this.#constant(`ones ${depth} ${block}`, activation, () => {
      const values = new Float32Array(depth * blocks)
      for (let k = 0; k < depth; k++) values[k * blocks + Math.floor(k / block)] = 1
      return float32Tensor([depth, blocks], values)
    })
    return make.op('MatMul', [activation, ones], { suffix: '/block-sums' })
  }

  /** In the main graph, where every subgraph finds it. */
  #constant(key: string, beside: Value, tensor: () => Tensor): Value {
    const before = this.#constants.get(key)
    if (before !== undefined) return before
    const made = (beside.graph as Graph).model.graph.addConstant(`${beside.name}_zero_points`, tensor())
    this.#constants.set(key, made)
    return made
  }
}

type Shifted = BlockConstants & { readonly shifts: Uint16Array | Float32Array }

function reduced(make: Substitute, activation: Value, { depth, options: { block } }: BlockConstants, rank: number): Value {
  const same = Array.from({ length: rank - 1 }, () => 0)
  const dims = Substitute.constant(activation, '_block_shape', int64Tensor([...same, depth / block, block]))
  const split = make.op('Reshape', [activation, dims], { suffix: '/blocks-apart' })
  const attributes = { keepdims: int(0) }
  if (make.graph.model.opset < axesAsInput)
    return make.op('ReduceSum', [split], { attributes: { ...attributes, axes: ints([rank]) }, suffix: '/block-sums' })
  const axes = Substitute.constant(activation, '_block_axis', int64Tensor([rank]))
  return make.op('ReduceSum', [split, axes], { attributes, suffix: '/block-sums' })
}
