import type { Graph } from '../ir/graph.ts'
import type { Node, Value } from '../ir/value.ts'
import type { Range } from './grid.ts'
import { isFloat32 } from './half-plan.ts'
import type { Convolution, Product } from './operand.ts'

/** Computes on 8-bit values as they are: the output is on the grid of its first input. */
const carriers = new Set(['MaxPool', 'Reshape', 'Transpose', 'Flatten', 'Squeeze', 'Unsqueeze', 'Slice', 'DepthToSpace', 'SpaceToDepth'])
/** Computes on 8-bit values and gives its output a grid of its own. Every input must be on a grid. */
const arithmetic = new Set(['Add', 'GlobalAveragePool', 'AveragePool'])
/**
 * The same for LiteRT, whose kernels go from 8 bits to 8 bits alone: what stands between convolutions and has no quantizers makes the network
 * float around it. HardSigmoid has no such kernel, but a gate is small, and what it multiplies is not.
 */
const wholeArithmetic = new Set(['ReduceMean', 'Mul', 'Sub', 'LeakyRelu', 'HardSwish', 'Sigmoid', 'HardSigmoid'])
/** Moves values too: LiteRT's kernels do it in 8 bits. */
const wholeCarriers = new Set(['Gather', 'Split', 'Resize'])
/** Moves values of several inputs, which share one grid with the output. */
const joins = new Set(['Concat'])
/** Vanishes into the quantizer behind it, which cuts off below zero. */
const cutOffs = new Set(['Relu', 'Clip'])

export type Weighted = { readonly kind: 'product'; readonly found: Product } | { readonly kind: 'convolution'; readonly found: Convolution }

/** Where a model of 8-bit operators has its quantizers. */
export interface StaticPlan {
  readonly weighted: readonly Weighted[]
  /** Nodes that read 8-bit values, weighted ones among them. */
  readonly eightBit: ReadonlySet<Node>
  /** Values on a grid -> the value that stands for all that share it. */
  readonly grids: ReadonlyMap<Value, Value>
  /** Those that an 8-bit operator computes: every reader sees them quantized. The others stay float for their other readers. */
  readonly computed: ReadonlySet<Value>
  /** Ranges that a kernel's asymmetric 8-bit output has whatever the samples say. */
  readonly fixed: ReadonlyMap<Value, Range>
}

/** LiteRT's LOGISTIC gives out steps of 1/256 from 0 on and takes no other grid. */
const sigmoidRange: Range = { low: 0, high: 255 / 256 }

/**
 * Decides which values of the main graph are on a grid, given the nodes with weights that are to compute in 8 bits.
 * `kernels`: everything between convolutions is on a grid, so that whole blocks run on 8-bit kernels (ONNX Runtime). `whole kernels`: so are
 * gates, all activations, and the results of matrix products that read what such a kernel computed, for there are none from 8 bits to float
 * (LiteRT). `inputs`: only what operators with weights read; the builder fuses what follows them and decides for itself (TensorRT).
 */
export type Placement = 'kernels' | 'whole kernels' | 'inputs'

/** @param carryAll whether what is only moved is on its grid whoever reads it, not only on the way to operators with weights */
export function planStatic(graph: Graph, weighted: readonly Weighted[], placement: Placement = 'kernels', carryAll = false): StaticPlan {
  return placement === 'inputs' ? inputsOnly(weighted) : new Planner(graph, weighted, placement, carryAll).plan()
}

/** All readers of what a convolution reads see it quantized: a shortcut around a block is then fused with the sum behind it. */
function inputsOnly(weighted: readonly Weighted[]): StaticPlan {
  const activations = weighted.map(({ found }) => found.activation)
  const computed = weighted.filter(({ kind, found }) => kind === 'convolution' && !found.activation.isInput)
  return {
    weighted,
    eightBit: new Set(weighted.map(({ found }) => found.node)),
    grids: new Map(activations.map((value) => [value, value])),
    computed: new Set(computed.map(({ found }) => found.activation)),
    fixed: new Map(),
  }
}

class Planner {
  readonly #graph: Graph
  readonly #weighted: readonly Weighted[]
  readonly #placement: Placement
  readonly #carryAll: boolean
  readonly #eightBit: Set<Node>
  readonly #computed = new Set<Value>()
  readonly #grids = new Map<Value, Value>()
  /** Values that are never below 0. */
  readonly #cutOff = new Set<Value>()

  constructor(graph: Graph, weighted: readonly Weighted[], placement: Placement, carryAll: boolean) {
    this.#carryAll = carryAll
    this.#graph = graph
    this.#weighted = weighted
    this.#placement = placement
    this.#eightBit = new Set(weighted.map(({ found }) => found.node))
  }

  plan(): StaticPlan {
    const wanted = this.#wanted()
    const weighted = new Map(this.#weighted.map((each) => [each.found.node, each]))
    for (const node of this.#graph.nodes) {
      const own = weighted.get(node)
      if (own !== undefined && this.#givesEightBits(own)) this.#compute(node)
      else if (!this.#eightBit.has(node)) this.#carry(node, wanted)
    }
    for (const { found } of this.#weighted) this.#grid(found.activation)
    const fixed = new Map([...this.#computed].filter((value) => value.producer?.opType === 'Sigmoid').map((value) => [value, sigmoidRange]))
    return { weighted: this.#weighted, eightBit: this.#eightBit, grids: resolved(this.#grids), computed: this.#computed, fixed }
  }

  #givesEightBits({ kind, found }: Weighted): boolean {
    if (kind === 'convolution') return true
    return this.#placement === 'whole kernels' && (found.activation.isInput || this.#computed.has(found.activation))
  }

  /** Values that some operator with weights reads, directly or by way of operators that can hand them on in 8 bits. */
  #wanted(): ReadonlySet<Value> {
    const wanted = new Set<Value>(this.#weighted.map(({ found }) => found.activation))
    for (const node of this.#graph.nodes.toReversed()) {
      if (!this.#handsOn(node) && !cutOffs.has(node.opType)) continue
      if (node.outputs.some((output) => wanted.has(output))) for (const input of dataInputs(node)) wanted.add(input)
    }
    return wanted
  }

  #carry(node: Node, wanted: ReadonlySet<Value>): void {
    const inputs = dataInputs(node)
    const isWanted = node.outputs.some((output) => wanted.has(output)) || (this.#carryAll && carriers.has(node.opType))
    if (!this.#handsOn(node) || inputs.length === 0 || !inputs.every((input) => this.#computed.has(input)) || !isWanted) return
    this.#eightBit.add(node)
    const isCutOff = !isArithmetic(node) && inputs.every((input) => this.#cutOff.has(input))
    for (const output of node.outputs) {
      // A MaxPool may tell its positions as well.
      if ((output.uses.length === 0 && !output.isOutput) || isOfOtherType(output)) continue
      const result = this.#compute(node, output)
      if (this.#mayShare(node, inputs)) for (const input of inputs) this.#share(input, result)
      if (isCutOff) this.#cutOff.add(result)
    }
  }

  #handsOn(node: Node): boolean {
    return handsOn(node) || (this.#placement === 'whole kernels' && handsOnWhole(node))
  }

  /** What is only moved stays on its grid. A join of values that are cut off at 0 with others has one of its own: on a grid below 0 their cut-off would not vanish. */
  #mayShare(node: Node, inputs: readonly Value[]): boolean {
    if (isArithmetic(node)) return false
    const cut = inputs.filter((input) => this.#cutOff.has(input)).length
    return cut === 0 || cut === inputs.length
  }

  /** The output of an 8-bit operator is on a grid, behind the cut-off that follows it alone. */
  #compute(node: Node, output = node.outputs[0] as Value): Value {
    const follower = output.uses.length === 1 && !output.isOutput ? (output.uses[0]?.node ?? null) : null
    const absorbed = follower !== null && cutsOffAtZero(follower) && follower.graph === this.#graph
    const result = absorbed ? (follower.outputs[0] as Value) : output
    this.#computed.add(result)
    if (absorbed) this.#cutOff.add(result)
    this.#grid(result)
    return result
  }

  #grid(value: Value): void {
    if (!this.#grids.has(value)) this.#grids.set(value, value)
  }

  #share(a: Value, b: Value): void {
    this.#grids.set(root(this.#grids, b), root(this.#grids, a))
  }
}

const isArithmetic = ({ opType }: Node): boolean => arithmetic.has(opType) || wholeArithmetic.has(opType)

const handsOn = (node: Node): boolean =>
  node.domain === '' && (carriers.has(node.opType) || arithmetic.has(node.opType) || joins.has(node.opType))

const handsOnWhole = (node: Node): boolean => {
  if (node.domain !== '') return false
  if (node.opType !== 'Resize') return wholeArithmetic.has(node.opType) || wholeCarriers.has(node.opType)
  const mode = node.attributes.get('mode')
  // Linear and cubic resizing make values of their own.
  return mode === undefined || (mode.type === 'string' && mode.value === 'nearest')
}

/** The inputs that hold values, not shapes or axes. A constant among them (a bias) is not on a grid, so its node stays in float. */
export function dataInputs(node: Node): Value[] {
  const inputs = carriers.has(node.opType) || wholeCarriers.has(node.opType) ? node.inputs.slice(0, 1) : node.inputs
  return inputs.filter((value): value is Value => value !== null && (isFloat32(value) || value.constant?.ref.dtype === 'float32'))
}

const isOfOtherType = ({ type }: Value): boolean => type?.kind === 'tensor' && type.dtype !== 'float32'

/** Whether a node only cuts off what lies outside of [0, limit]. */
function cutsOffAtZero(node: Node): boolean {
  if (node.domain !== '') return false
  if (node.opType === 'Relu') return true
  if (node.opType !== 'Clip') return false
  const low = node.inputs[1]?.constant
  const attribute = node.attributes.get('min')
  if (attribute?.type === 'float') return attribute.value === 0
  return low?.ref.dtype === 'float32' && new DataView(low.read().slice().buffer).getFloat32(0, true) === 0
}

function root(grids: ReadonlyMap<Value, Value>, value: Value): Value {
  let at = value
  for (let next = grids.get(at) as Value; next !== at; next = grids.get(at) as Value) at = next
  return at
}

const resolved = (grids: ReadonlyMap<Value, Value>): Map<Value, Value> =>
  new Map([...grids.keys()].map((value) => [value, root(grids, value)]))
