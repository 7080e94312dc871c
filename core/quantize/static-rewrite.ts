import { int } from '../ir/attributes.ts'
import type { Graph } from '../ir/graph.ts'
import { arrayBytes, float32Tensor, floatsOf, tensorFrom } from '../ir/numbers.ts'
import { type Tensor, tensorOf } from '../ir/tensor.ts'
import type { Attribute, Node, Value } from '../ir/value.ts'
import type { EightBitWeights } from './eight-bit.ts'
import type { ActivationType, Grid } from './grid.ts'
import { dataInputs, type StaticPlan, type Weighted } from './static-plan.ts'
import { dropUnread, Substitute } from './substitute.ts'
import { transposed } from './weight-matrix.ts'

/** What a node with weights becomes. */
export interface Prepared {
  readonly weights: EightBitWeights
  /** By how much rounding the weights shifts each channel's results on average; `null` leaves the bias as it is. */
  readonly shift: Float64Array | null
}

export interface StaticForm {
  readonly activations: ActivationType
  /** Biases stay float; otherwise they are 32-bit whole numbers on the grid of the products. */
  readonly floatBiases: boolean
}

/** Puts quantizers (QuantizeLinear, DequantizeLinear) on values and constants; the operators between stay as they are. */
export class StaticRewriter {
  readonly #graph: Graph
  readonly #plan: StaticPlan
  /** By the value that stands for all that share a grid. */
  readonly #grids: ReadonlyMap<Value, Grid>
  readonly #dtype: ActivationType
  readonly #floatBiases: boolean
  readonly #constants = new Map<Value, readonly [scale: Value, zeroPoint: Value]>()
  readonly #weights = new Map<string, { readonly real: Value; readonly scales: Float32Array }>()

  constructor(graph: Graph, plan: StaticPlan, grids: ReadonlyMap<Value, Grid>, { activations, floatBiases }: StaticForm) {
    this.#graph = graph
    this.#plan = plan
    this.#grids = grids
    this.#dtype = activations
    this.#floatBiases = floatBiases
  }

  gridOf(value: Value): Grid {
    return this.#grids.get(this.#plan.grids.get(value) as Value) as Grid
  }

  /** Puts a value on its grid, for all readers or for the 8-bit ones. */
  value(value: Value): void {
    const readers = value.uses
    const [scale, zeroPoint] = this.#gridConstants(value)
    const { producer } = value
    const place = producer === null ? {} : { at: producer, origins: producer.origins }
    const whole = this.#graph.addNode({ ...place, opType: 'QuantizeLinear', inputs: [value, scale, zeroPoint] })
    const real = this.#graph.addNode({ ...place, opType: 'DequantizeLinear', inputs: [whole.outputs[0] as Value, scale, zeroPoint] })
    const result = real.outputs[0] as Value
    if (value.type !== null) this.#graph.setType(result, value.type)
    this.#noteGrid(value, whole)
    if (this.#plan.computed.has(value)) {
      this.#graph.replaceUses(value, result)
      this.#graph.setInput(whole, 0, value)
      return
    }
    for (const { node, index } of readers) if (this.#reads(node, index, value)) this.#graph.setInput(node, index, result)
  }

  /** Stores the weights of a node in 8 bits, and its bias in 32 on the grid of the products. */
  weighted(each: Weighted, prepared: Prepared): void {
    const { node, tensor } = each.found
    const { weights } = prepared
    if (each.kind === 'convolution') {
      this.#graph.setInput(node, 1, this.#dequantized(each, weights, { dims: tensor.ref.dims, axis: 0 }))
      this.#bias(each, each.found.bias, prepared)
      return
    }
    const { matrix, transpose, bias } = each.found
    const columns = matrix.layout === 'columns'
    if (transpose === null) {
      this.#graph.setInput(node, 1, this.#dequantized(each, weights, { dims: tensor.ref.dims, axis: columns ? 1 : 0 }))
    } else {
      const [rows, width] = tensor.ref.dims as readonly [number, number]
      const turned = { ...weights, values: transposed(weights.values, rows, width) }
      this.#graph.setInput(node, 1, this.#dequantized(each, turned, { dims: [width, rows], axis: columns ? 0 : 1 }))
    }
    if (node.opType === 'Gemm') this.#bias(each, bias?.value ?? null, prepared)
    else if (prepared.shift !== null) this.#shiftBehind(node, prepared.shift)
  }

  /** The grid on which a node reads its activation: its input is a DequantizeLinear by now. */
  #gridOfActivation(node: Node, activation: Value): Grid {
    const grid = this.#plan.grids.has(activation) ? this.gridOf(activation) : null
    if (grid === null) throw new Error(`the activation of ${node.opType} '${node.name}' is on no grid`)
    return grid
  }

  #dequantized({ found }: Weighted, weights: EightBitWeights, { dims, axis }: { dims: readonly number[]; axis: number }): Value {
    const { weight, node, matrix } = found
    const key = `${weight.id} ${matrix.layout} ${axis} ${dims.join()}`
    const { values, scales, zeroPoint } = weights
    const before = this.#weights.get(key)
    // Nodes that share a weight may need other scales, so that their biases fit.
    if (before?.scales.every((scale, n) => scale === scales[n])) return before.real
    const dtype = values instanceof Int8Array ? 'int8' : 'uint8'
    const stored = Substitute.constant(weight, '_quantized', tensorOf(dtype, dims, arrayBytes(values)))
    const perChannel = scales.length > 1
    const shape = perChannel ? [scales.length] : []
    const scale = Substitute.constant(weight, '_scale', float32Tensor(shape, scales))
    const zeros = new Uint8Array(scales.length).fill(zeroPoint)
    const zero = Substitute.constant(weight, '_zero_point', tensorOf(dtype, shape, zeros))
    const real = this.#dequantize(node, [stored, scale, zero], perChannel ? axis : null)
    this.#graph.setType(real, { kind: 'tensor', dtype: 'float32', shape: dims })
    this.#weights.set(key, { real, scales })
    return real
  }

  #bias({ found }: Weighted, bias: Value | null, { weights, shift }: Prepared): void {
    if (bias === null && shift === null) return
    const { node, activation, weight, matrix } = found
    const floats = (bias?.constant ? floatsOf(bias.constant) : new Float32Array(matrix.channels)).map((each, n) => each - (shift?.[n] ?? 0))
    if (this.#floatBiases) {
      if (shift !== null)
        this.#graph.setInput(
          node,
          2,
          Substitute.constant(bias ?? weight, bias === null ? '_bias' : '_corrected', float32Tensor([matrix.channels], floats)),
        )
      return
    }
    const input = this.#gridOfActivation(node, activation)
    const scales = weights.scales.map((scale) => scale * input.scale)
    const perChannel = scales.length > 1
    const beside = bias ?? weight
    const suffix = bias === null ? '_bias' : ''
    const whole = wholeBias(floats, scales)
    const stored = Substitute.constant(beside, `${suffix}_quantized`, whole)
    const scale = Substitute.constant(beside, `${suffix}_scale`, float32Tensor(perChannel ? [scales.length] : [], scales))
    const real = this.#dequantize(node, [stored, scale], perChannel ? 0 : null)
    this.#graph.setType(real, { kind: 'tensor', dtype: 'float32', shape: [matrix.channels] })
    this.#graph.setInput(node, 2, real)
  }

  /** A MatMul has no bias of its own; the Add of a constant behind it serves. */
  #shiftBehind(node: Node, shift: Float64Array): void {
    const behind = biasBehind(node, shift.length)
    if (behind === null) return
    const { add, index, bias, dims } = behind
    const corrected = floatsOf(bias.constant as Tensor).map((each, n) => each - (shift[n] as number))
    add.graph.setInput(add, index, Substitute.constant(bias, '_corrected', float32Tensor(dims, corrected)))
    dropUnread([bias])
  }

  #dequantize(node: Node, inputs: readonly Value[], axis: number | null): Value {
    const attributes: Readonly<Record<string, Attribute>> = axis === null ? {} : { axis: int(axis) }
    return this.#graph.addNode({ opType: 'DequantizeLinear', inputs, attributes, origins: node.origins, at: node }).outputs[0] as Value
  }

  #gridConstants(value: Value): readonly [Value, Value] {
    const shared = this.#plan.grids.get(value) as Value
    let constants = this.#constants.get(shared)
    if (constants === undefined) {
      const { scale, zeroPoint } = this.#grids.get(shared) as Grid
      constants = [
        this.#graph.addConstant(`${shared.name}_scale`, float32Tensor([], [scale])),
        this.#graph.addConstant(`${shared.name}_zero_point`, tensorFrom(this.#dtype, [], [zeroPoint])),
      ]
      this.#constants.set(shared, constants)
    }
    return constants
  }

  #reads(node: Node, index: number, value: Value): boolean {
    if (!this.#plan.eightBit.has(node)) return false
    const weighted = this.#plan.weighted.some(({ found }) => found.node === node)
    return weighted ? index === 0 : dataInputs(node).includes(value)
  }

  #noteGrid(value: Value, whole: Node): void {
    const { scale, zeroPoint } = this.gridOf(value)
    const output = whole.outputs[0] as Value
    this.#graph.model.lineage.noteReplaced(value.id, output.id, {
      kind: 'dequantize',
      scale: [scale],
      zeroPoint: [zeroPoint],
      axis: null,
    })
  }
}

/** The constant that the Add (or the Sum of it and a residual) behind a product spreads over its rows. */
function biasBehind(node: Node, channels: number): { add: Node; index: number; bias: Value; dims: readonly number[] } | null {
  const [output] = node.outputs
  const use = output?.uses.length === 1 ? output.uses[0] : undefined
  if (use === undefined || !['Add', 'Sum'].includes(use.node.opType) || output?.isOutput) return null
  const index = use.node.inputs.findIndex((input) => input?.constant?.ref.dims.length === 1 && input.constant.ref.dims[0] === channels)
  const bias = use.node.inputs[index]
  return bias?.constant ? { add: use.node, index, bias, dims: bias.constant.ref.dims } : null
}

/** Whether a node has a bias, or can get one, that takes back what rounding shifts its results by. */
export const takesShift = ({ kind, found: { node, matrix } }: Weighted): boolean =>
  kind === 'convolution' || node.opType === 'Gemm' || biasBehind(node, matrix.channels) !== null

const int32Limit = 2 ** 31 - 1

function wholeBias(floats: Float32Array, scales: Float32Array): Tensor {
  const whole = new Int32Array(floats.length)
  for (let i = 0; i < whole.length; i++) {
    const scale = scales[scales.length > 1 ? i : 0] as number
    whole[i] = Math.max(-int32Limit, Math.min(int32Limit, Math.round((floats[i] as number) / scale)))
  }
  return tensorOf('int32', [whole.length], arrayBytes(whole))
}

/** Scales below which the biases would not fit 32 bits on the grid of the products; one a channel. */
export function leastScales(bias: Tensor, input: Grid): Float32Array {
  return floatsOf(bias).map((each) => Math.abs(each) / (input.scale * 2 ** 30))
}
