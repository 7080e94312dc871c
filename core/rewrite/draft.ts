import type { DType } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { int64Tensor, tensorFrom } from '../ir/numbers.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Attribute, Attributes, Node, Value } from '../ir/value.ts'

export interface DraftOptions {
  /** How many, or which of the operator's outputs: the others are left out. */
  readonly outputs?: number | readonly boolean[]
  /** Of the node; made from the replaced node's name unless given. */
  readonly name?: string
  /** The one node of the match that it stands for: it stems from that one, and not from all that the rewrite removes. */
  readonly standsFor?: Node
}

/** What a rule may do: make nodes and constants. Replacing, naming, removing and recording are the driver's. */
export class Draft {
  /** The node at which the pattern matched. */
  readonly root: Node
  readonly nodes: Node[] = []
  readonly constants: Value[] = []
  /** Which node of the match a new one stands for, of those that do not stand for all of it. */
  readonly heirs = new Map<Node, Node>()

  constructor(root: Node) {
    this.root = root
  }

  get graph(): Graph {
    return this.root.graph
  }

  /** The version of a domain's operator set that the model imports; 0 when it imports none. */
  opset(domain = ''): number {
    return this.graph.model.opsets.get(domain) ?? 0
  }

  /** A new operator (`com.microsoft.Gelu` for other domains); returns its first output. */
  op(
    type: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes | Readonly<Record<string, Attribute>> = {},
    options: DraftOptions = {},
  ): Value {
    const dot = type.lastIndexOf('.')
    const node = this.graph.addNode({
      opType: type.slice(dot + 1),
      domain: dot < 0 ? '' : type.slice(0, dot),
      inputs,
      attributes,
      outputs: this.#outputNames(options.outputs ?? 1, type.slice(dot + 1)),
      name: options.name ?? '',
      at: this.root,
    })
    this.nodes.push(node)
    if (options.standsFor !== undefined) this.heirs.set(node, options.standsFor)
    return node.outputs[0] as Value
  }

  #outputNames(outputs: number | readonly boolean[], hint: string): number | readonly string[] {
    if (typeof outputs === 'number') return outputs
    return outputs.map((wanted) => (wanted ? this.graph.model.freshName(`${hint}_out`) : ''))
  }

  /** A new operator with several outputs. */
  ops(
    type: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: number | DraftOptions,
  ): readonly Value[] {
    const options = typeof outputs === 'number' ? { outputs } : outputs
    return (this.op(type, inputs, attributes, options).producer as Node).outputs
  }

  /** A constant; `hint` is the name it gets if that is free. */
  constant(tensor: Tensor, hint = 'constant'): Value {
    const value = this.graph.addConstant(hint, tensor)
    this.constants.push(value)
    return value
  }

  /** A constant of one element, without dims. */
  scalar(value: number, dtype: DType = 'float32'): Value {
    return this.constant(tensorFrom(dtype, [], [value]), 'scalar')
  }

  /** A 1-D int64 constant: shapes, axes, bounds. */
  ints(values: readonly number[], hint = 'dims'): Value {
    return this.constant(int64Tensor(values), hint)
  }

  /** Takes everything back, last first. */
  undo(): void {
    for (const node of this.nodes.toReversed()) this.graph.removeNode(node)
    for (const value of this.constants.toReversed()) if (value.uses.length === 0) this.graph.removeValue(value)
  }
}
