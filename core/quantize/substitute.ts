import type { Graph, NodeSpec } from '../ir/graph.ts'
import type { Tensor } from '../ir/tensor.ts'
import { identityMap, type Node, type Value, type ValueMap } from '../ir/value.ts'

/** Makes the nodes that stand in for one node: each takes its place in the order and its origins. */
export class Substitute {
  readonly node: Node
  readonly graph: Graph

  constructor(node: Node) {
    this.node = node
    this.graph = node.graph as Graph
  }

  /** A node with one output; `suffix` distinguishes its name from the original's, `''` takes that over. */
  op(
    opType: string,
    inputs: readonly (Value | null)[],
    options: Pick<NodeSpec, 'attributes' | 'domain'> & { suffix?: string } = {},
  ): Value {
    return this.ops(opType, inputs, { ...options, outputs: 1 })[0] as Value
  }

  /** A node with several outputs. */
  ops(
    opType: string,
    inputs: readonly (Value | null)[],
    { suffix = '', ...spec }: Pick<NodeSpec, 'attributes' | 'domain' | 'outputs'> & { suffix?: string },
  ): readonly Value[] {
    const name = this.node.name === '' ? '' : `${this.node.name}${suffix}`
    return this.graph.addNode({ ...spec, opType, inputs, name, origins: this.node.origins, at: this.node }).outputs
  }

  /** A constant beside another one, in whichever graph that lives; `suffix` makes its name. */
  static constant(beside: Value, suffix: string, tensor: Tensor): Value {
    return (beside.graph as Graph).addConstant(`${beside.name}${suffix}`, tensor)
  }

  /** Everyone reads `by` instead of the node's output; the node goes, and `by` takes over the name. */
  finish(by: Value, map: ValueMap = identityMap): void {
    this.finishAll([by], map)
  }

  /** The same for several outputs, in order. */
  finishAll(replacements: readonly Value[], map: ValueMap = identityMap): void {
    const olds = this.node.outputs.map(({ name, type, isOutput }) => ({ name, type, isOutput }))
    replacements.forEach((by, index) => {
      const old = this.node.outputs[index] as Value
      if (old.name !== '') this.graph.replaceUses(old, by, map)
    })
    this.graph.removeNode(this.node)
    replacements.forEach((by, index) => {
      const { name, type, isOutput } = olds[index] as (typeof olds)[number]
      if (by.type === null && type !== null) this.graph.setType(by, type)
      if (!isOutput && name !== '') this.graph.rename(by, name)
    })
  }
}

/** Removes constants, and Transposes of constants, that nobody reads any more. */
export function dropUnread(values: Iterable<Value>): void {
  for (const value of values) {
    const graph = value.graph as Graph
    if (value.isOutput || value.uses.length > 0 || value.isInput) continue
    const { producer } = value
    if (producer === null) {
      graph.removeValue(value)
    } else if (producer.opType === 'Transpose') {
      const inputs = producer.inputs.filter((input): input is Value => input !== null)
      graph.removeNode(producer)
      dropUnread(inputs)
    }
  }
}
