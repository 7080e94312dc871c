import type { Node, Value } from '../ir/value.ts'
import { type StaticNodes, staticNodes } from '../structure/static-nodes.ts'
import type { ExecutedGraph } from './executed.ts'
import { type Layout, outputLayout, plain } from './layout.ts'
import { stemsOf, valueNamed } from './runtime-names.ts'
import { weightIndex } from './weights.ts'

/** Which nodes of a version a kernel does the work of, and how that is known. */
export interface Tie {
  readonly kernel: Node
  /** Nodes of the version, none when the kernel could not be tied. */
  readonly nodes: readonly Node[]
  readonly how: 'value' | 'name' | 'weight' | 'neighbour' | 'none'
  /** The runtime put it in to convert types or layouts. */
  readonly conversion: boolean
}

/** Where the executed graph holds a value of the version. */
export interface Carrier {
  /** A value of the executed graph. */
  readonly value: Value
  readonly layout: Layout
}

export interface Ties {
  /** One for each kernel, in order of execution. */
  readonly ties: readonly Tie[]
  /** Values of the version that can be observed as deployed. */
  readonly carriers: ReadonlyMap<Value, Carrier>
  readonly statics: StaticNodes
}

/**
 * Ties kernels to the nodes of the version. A kernel is anchored at nodes by the names of its outputs, by its own name, or by its weights;
 * it then does all the work between its anchors and the values that earlier kernels give, and what follows its anchor as long as nobody else
 * can have done it (activations, sums and quantizations that were fused into it). Kernels without an anchor do part of what their neighbours do.
 */
export function tieKernels(executed: ExecutedGraph): Ties {
  return new Tying(executed).result()
}

interface Anchor {
  readonly nodes: readonly Node[]
  readonly how: 'value' | 'name' | 'weight'
  /** The kernel gives out just what the nodes compute, under another name. */
  readonly exact?: boolean
}

class Tying {
  readonly #executed: ExecutedGraph
  readonly #statics: StaticNodes
  readonly #anchors: ReadonlyMap<Node, Anchor>
  /** Kernels by the nodes they are anchored at. */
  readonly #anchored = new Map<Node, Node>()
  readonly #carriers = new Map<Value, Carrier>()
  /** The version's value that a value of the executed graph carries. */
  readonly #carried = new Map<Value, Value>()
  readonly #layouts = new Map<Value, Layout>()
  readonly #claimed = new Map<Node, Node>()
  readonly #ties = new Map<Node, Tie>()

  constructor(executed: ExecutedGraph) {
    this.#executed = executed
    this.#statics = staticNodes(executed.version.graph)
    this.#anchors = findAnchors(executed)
    for (const [kernel, { nodes }] of this.#anchors) for (const node of nodes) this.#anchored.set(node, kernel)
  }

  result(): Ties {
    const { kernels, version } = this.#executed
    for (const input of version.graph.inputs) this.#carry(kernels.graph.find(input.name), input, plain)
    for (const kernel of kernels.graph.nodes) this.#tie(kernel)
    const ties = kernels.graph.nodes.map((kernel) => this.#withNeighbours(this.#ties.get(kernel) as Tie))
    return { ties, carriers: this.#carriers, statics: this.#statics }
  }

  #carry(value: Value | null, carried: Value, layout: Layout): void {
    if (value === null) return
    this.#carried.set(value, carried)
    this.#layouts.set(value, layout)
    const known = this.#carriers.get(carried)
    if (known === undefined || (known.layout.kind !== 'plain' && layout.kind === 'plain')) this.#carriers.set(carried, { value, layout })
  }

  #tie(kernel: Node): void {
    const anchor = this.#anchors.get(kernel)
    if (anchor === undefined) {
      this.#passOn(kernel)
      return
    }
    const region = new Set<Node>()
    for (const node of anchor.nodes) this.#collect(node, region)
    this.#carryOutputs(kernel, anchor, region)
    for (const node of region) if (!this.#claimed.has(node)) this.#claimed.set(node, kernel)
    this.#ties.set(kernel, { kernel, nodes: [...region], how: anchor.how, conversion: this.#isConversion(kernel, region) })
  }

  /** Adds a node and all that comes before it, back to values that other kernels give. */
  #collect(node: Node, region: Set<Node>): void {
    const open = [node]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (region.has(next)) continue
      region.add(next)
      for (const input of next.inputs) {
        const producer = input?.producer ?? null
        if (input === null || producer === null || producer.graph !== node.graph) continue
        if (!this.#carriers.has(input) && !this.#claimed.has(producer) && !this.#anchored.has(producer)) open.push(producer)
      }
    }
  }

  #carryOutputs(kernel: Node, anchor: Anchor, region: Set<Node>): void {
    const { version } = this.#executed
    const layouts = this.#inputLayouts(kernel)
    for (const [index, output] of kernel.outputs.entries()) {
      const same = valueNamed(output.name, version.graph)
      const from = anchor.nodes.length === 1 ? anchor.nodes[0]?.outputs[index] : undefined
      if (same !== null) this.#carry(output, same, plain)
      else if (from !== undefined && output.name !== '') {
        // Behind what only converts nothing is fused: an activation there has a kernel of its own, under whatever name.
        const ends = index > 0 || anchor.exact === true || conversions.has(kernel.opType)
        const carried = ends ? from : this.#extend(kernel, from, region)
        this.#carry(output, carried, outputLayout(kernel, layouts))
      }
    }
  }

  /** Follows a value through the nodes that must have been fused behind it, and adds them to the region. */
  #extend(kernel: Node, from: Value, region: Set<Node>): Value {
    const given = new Set(kernel.inputs.flatMap((input) => (input === null ? [] : (this.#carried.get(input) ?? []))))
    const quantizes = kernel.opType.startsWith('Q')
    let value = from
    for (;;) {
      const readers = new Set(value.uses.map(({ node }) => node))
      const [next] = readers
      if (next === undefined || readers.size > 1 || value.isOutput || next.graph !== from.graph) return value
      if (this.#anchored.has(next) || this.#claimed.has(next) || !tails.has(next.opType)) return value
      if (next.opType === 'QuantizeLinear' && !quantizes) return value
      if (!next.inputs.every((input) => input === null || input === value || this.#isGiven(input, given, region))) return value
      region.add(next)
      value = next.outputs[0] as Value
      if (next.opType === 'QuantizeLinear') return value
    }
  }

  #isGiven(input: Value, given: ReadonlySet<Value>, region: ReadonlySet<Node>): boolean {
    const { producer } = input
    if (input.initializer !== null || given.has(input)) return true
    if (producer === null) return false
    if (region.has(producer) || this.#statics.constant.has(producer)) return true
    // The other side of a sum in a quantized network: what this kernel is given, dequantized.
    return producer.opType === 'DequantizeLinear' && producer.inputs[0] != null && given.has(producer.inputs[0])
  }

  #inputLayouts(kernel: Node): Layout[] {
    return kernel.inputs.flatMap((input) => (input === null || input.initializer !== null ? [] : (this.#layouts.get(input) ?? [])))
  }

  /** The order of axes in which all computed inputs of a kernel are given; `null` where it is not known or not one. */
  #commonLayout(kernel: Node): Layout | null {
    const computed = kernel.inputs.filter((input) => input !== null && input.initializer === null)
    const layouts = this.#inputLayouts(kernel)
    const [first] = layouts
    if (first?.kind !== 'permute' || layouts.length < computed.length) return null
    const order = first.perm.join()
    return layouts.every((each) => each.kind === 'permute' && each.perm.join() === order) ? first : null
  }

  /** A kernel without an anchor that only converts: it carries what it is given. */
  #passOn(kernel: Node): void {
    const [input] = kernel.inputs
    const [output] = kernel.outputs
    const carried = input == null ? undefined : this.#carried.get(input)
    const passes = conversions.has(kernel.opType) || kernel.opType === 'Reshape'
    const same = output === undefined ? null : valueNamed(output.name, this.#executed.version.graph)
    if (output !== undefined && same !== null) this.#carry(output, same, plain)
    else if (passes && carried !== undefined && output !== undefined) {
      this.#carried.set(output, carried)
      this.#layouts.set(output, outputLayout(kernel, this.#inputLayouts(kernel)))
    } else if (output !== undefined && elementwise.has(kernel.opType)) {
      const layout = this.#commonLayout(kernel)
      if (layout !== null) this.#layouts.set(output, layout)
    }
    this.#ties.set(kernel, { kernel, nodes: [], how: 'none', conversion: conversions.has(kernel.opType) })
  }

  /** Whether a kernel converts and does nothing that the version asked for in another form. */
  #isConversion(kernel: Node, region: ReadonlySet<Node>): boolean {
    if (layoutKernels.has(kernel.opType)) return true
    return conversions.has(kernel.opType) && kernel.opType !== 'Transpose' && [...region].every((node) => node.opType === kernel.opType)
  }

  #withNeighbours(tie: Tie): Tie {
    if (tie.nodes.length > 0) return tie
    const nodes = this.#nearest(tie.kernel, (node) => node.outputs.flatMap((output) => output.uses.map((use) => use.node)))
    const found = nodes.length > 0 ? nodes : this.#nearest(tie.kernel, (node) => node.inputs.flatMap((input) => input?.producer ?? []))
    return found.length === 0 ? tie : { ...tie, nodes: found, how: 'neighbour' }
  }

  /** The nodes of the first tied kernels that are met when stepping from kernel to kernel. */
  #nearest(kernel: Node, step: (node: Node) => readonly Node[]): readonly Node[] {
    const seen = new Set<Node>([kernel])
    let front = step(kernel)
    while (front.length > 0) {
      const tied = front.flatMap((node) => this.#ties.get(node)?.nodes ?? [])
      if (tied.length > 0) return [...new Set(tied)]
      for (const node of front) seen.add(node)
      front = front.flatMap(step).filter((node) => !seen.has(node))
    }
    return []
  }
}

/** What kernels do at their end besides their own work, when it was fused into them. */
const tails: ReadonlySet<string> = new Set([
  ...['Relu', 'Clip', 'LeakyRelu', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Elu', 'Softplus', 'PRelu'],
  ...['BatchNormalization', 'Add', 'Sum', 'Sub', 'Mul', 'Div', 'Identity', 'Dropout', 'Cast', 'QuantizeLinear'],
])

/** What the runtime writes activations in, element by element, when it has no kernel for them: axes stay where they are. */
const elementwise: ReadonlySet<string> = new Set([
  ...['HardSigmoid', 'Sigmoid', 'Tanh', 'Relu', 'Clip', 'Softplus', 'Exp', 'Erf', 'Mul', 'Add', 'Sub', 'Div', 'Min', 'Max'],
])

const layoutKernels: ReadonlySet<string> = new Set(['ReorderInput', 'ReorderOutput'])
const movers: ReadonlySet<string> = new Set([...layoutKernels, 'Transpose', 'Reshape'])
const conversions: ReadonlySet<string> = new Set([
  ...layoutKernels,
  ...['Transpose', 'Cast', 'QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear'],
])

function findAnchors(executed: ExecutedGraph): Map<Node, Anchor> {
  const { version, kernels, runtimeNames } = executed
  const byName = new Map(version.graph.nodes.map((node) => [node.name, node]))
  const anchors = new Map<Node, Anchor>()
  for (const kernel of kernels.graph.nodes) {
    const byValue = kernel.outputs.flatMap((output) => valueNamed(output.name, version.graph)?.producer ?? [])
    if (byValue.length > 0) anchors.set(kernel, { nodes: [...new Set(byValue)], how: 'value' })
  }
  for (const kernel of kernels.graph.nodes) handBack(kernel, anchors)
  for (const kernel of kernels.graph.nodes) {
    if (anchors.has(kernel)) continue
    const name = runtimeNames.get(kernel.name) ?? ''
    // What the runtime puts in itself has names of its own making (`Transpose_token_4`), which may meet one of the version's.
    const stems = conversions.has(kernel.opType) ? [name] : stemsOf(name)
    const named = stems.map((stem) => byName.get(stem) ?? version.graph.find(stem)?.producer ?? null).find((node) => node !== null)
    if (name !== '' && named) anchors.set(kernel, { nodes: [named], how: 'name' })
  }
  anchorByWeights(executed, anchors)
  return anchors
}

/** A kernel that only moves what another one computes, but under the final name, is not the one that does the work. */
function handBack(kernel: Node, anchors: Map<Node, Anchor>): void {
  const anchor = anchors.get(kernel)
  const worker = kernel.inputs[0]?.producer ?? null
  if (anchor === undefined || worker === null || anchors.has(worker) || !movers.has(kernel.opType)) return
  if (anchor.nodes.some(({ opType }) => opType === kernel.opType)) return
  anchors.set(worker, { ...anchor, exact: true })
  anchors.delete(kernel)
}

function anchorByWeights({ version, kernels }: ExecutedGraph, anchors: Map<Node, Anchor>): void {
  const ownersOf = weightIndex(version.graph)
  const taken = new Set([...anchors.values()].flatMap(({ nodes }) => nodes))
  for (const kernel of kernels.graph.nodes) {
    const owner = anchors.has(kernel) ? undefined : ownersOf(kernel).find((node) => !taken.has(node))
    if (owner !== undefined) anchors.set(kernel, { nodes: [owner], how: 'weight' })
  }
}
