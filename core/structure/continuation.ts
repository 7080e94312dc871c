import type { Node, Value } from '../ir/value.ts'
import { scopeOf } from './scope.ts'
import type { StaticNodes } from './static-nodes.ts'
import { weightsOf } from './weights.ts'

/** A value may fork within a layer, as x does in x * sigmoid(x); what forks further is no longer one thing. */
const farthest = 24

/** Operators that begin a layer, whatever they read: those with state, those that multiply computed values, those that change the resolution, and bodies. */
const beginning: ReadonlySet<string> = new Set([
  ...['MatMul', 'Gemm', 'FusedMatMul', 'Einsum', 'QLinearMatMul', 'MatMulInteger', 'BATCH_MATMUL', 'Conv', 'ConvTranspose'],
  ...['LSTM', 'GRU', 'RNN', 'DynamicQuantizeLSTM', 'If', 'Loop', 'Scan'],
  ...['Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'QAttention', 'DecoderMaskedMultiHeadAttention'],
  ...['MaxPool', 'AveragePool', 'LpPool', 'GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool', 'MAX_POOL_2D', 'AVERAGE_POOL_2D'],
  ...['QLinearAveragePool', 'QLinearGlobalAveragePool', 'Resize', 'Upsample', 'RESIZE_BILINEAR', 'RESIZE_NEAREST_NEIGHBOR'],
])

/** Operators whose constant is a bias, a scale or a slope where it holds one number for each channel. */
const elementwise: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'PRelu', 'ADD', 'SUB', 'MUL', 'DIV', 'PRELU'])

/** Norms continue the convolution or product before them, and not the sum of two branches, which is one of its own. */
const norms: ReadonlySet<string> = new Set([
  ...['LayerNormalization', 'BatchNormalization', 'InstanceNormalization', 'GroupNormalization', 'RMSNormalization'],
  'SimplifiedLayerNormalization',
])

/** Which layer a node without weights of its own goes on with, told from the graph alone. */
export class Continuation {
  readonly #statics: StaticNodes
  readonly #groupOf: (node: Node) => number

  /** @param groupOf the layer, so far, of a node that was looked at before */
  constructor(statics: StaticNodes, groupOf: (node: Node) => number) {
    this.#statics = statics
    this.#groupOf = groupOf
  }

  /**
   * The node before this one whose layer it continues: all that it reads comes from there, and nothing of that leaves the layer on another way.
   * `null`: it begins a layer of its own.
   */
  before(node: Node): Node | null {
    if (this.#begins(node)) return null
    const read = this.#computed(node)
    const [first] = read
    if (first === undefined) return null
    const producers = read.map(({ producer }) => producer)
    if (producers.some((producer) => producer === null || producer.graph !== node.graph)) return null
    const [leader, ...others] = producers as Node[]
    if (leader === undefined || others.some((other) => this.#groupOf(other) !== this.#groupOf(leader))) return null
    if (norms.has(node.opType) && this.#isMeeting(leader)) return null
    return read.every((value) => this.#staysWithin(value)) ? leader : null
  }

  #begins(node: Node): boolean {
    if (beginning.has(node.opType) || scopeOf(node) !== null) return true
    const weights = weightsOf(node, this.#statics)
    return weights.length > 0 && !(elementwise.has(node.opType) && weights.every(isForEachChannel))
  }

  /** Whether a layer began as a sum of branches, and has only passed it on since. */
  #isMeeting(last: Node): boolean {
    for (let node = last; !this.#begins(node); ) {
      const read = this.#computed(node)
      const inside = read.filter(({ producer }) => producer !== null && this.#groupOf(producer) === this.#groupOf(node))
      if (read.length > 1 && inside.length < read.length) return true
      const [before] = inside
      if (before?.producer == null || inside.length > 1) return false
      node = before.producer
    }
    return false
  }

  #computed(node: Node): readonly Value[] {
    const fixed = (producer: Node) => this.#statics.constant.has(producer) || this.#statics.shape.has(producer)
    return node.inputs.filter(
      (input): input is Value => input !== null && input.constant === null && !(input.producer !== null && fixed(input.producer)),
    )
  }

  /** Whether all that is made of a value next is made of it alone, without weights; arithmetic on its shape does not count. */
  #staysWithin(value: Value): boolean {
    const numbers = value.uses.filter(({ node }) => !this.#statics.shape.has(node))
    if (numbers.length === 1) return true
    if (numbers.length > farthest) return false
    const within = new Set<Value>([value])
    for (const next of within) {
      for (const { node } of next.uses) {
        if (within.size > farthest || this.#begins(node) || !this.#computed(node).every((input) => within.has(input))) continue
        for (const output of node.outputs) within.add(output)
      }
    }
    return numbers.every(({ node }) => node.outputs.every((output) => within.has(output)))
  }
}

/** Whether a constant has one number for each channel, and nothing for each place: a bias [1, C, 1, 1], the slope of a PRelu [C, 1, 1]. */
const isForEachChannel = ({ constant }: Value): boolean => (constant?.ref.dims.filter((dim) => dim !== 1).length ?? 0) <= 1
