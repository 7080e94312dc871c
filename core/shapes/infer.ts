import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { sharperType } from '../ir/sharper-type.ts'
import type { Dim, Node, Shape, Value, ValueType } from '../ir/value.ts'
import { Border, type Constraints } from './constraints.ts'
import { inferControl } from './control.ts'
import { canonicalDim, differentDims } from './dim.ts'
import { type Known, knownOf } from './known.ts'
import type { Call } from './operator.ts'
import { operatorOf } from './operators/index.ts'

/** A declared type that contradicts what follows from the inputs. */
export interface Conflict {
  readonly value: Value
  readonly declared: ValueType
  readonly inferred: ValueType
}

/**
 * Fills in the types of a model's values, in place, and tells what is known of their content. Where its outputs say how sizes of its inputs
 * hang together, all is inferred once more with that.
 */
export function inferShapes(model: Model): Shapes {
  const border = new Border(model)
  const shapes = new Shapes(new Map(), border)
  shapes.graph(model.graph)
  if (border.constraints.size === 0) return shapes
  const constrained = new Shapes(border.constraints)
  constrained.graph(model.graph)
  return constrained
}

/** Types and contents of values: what inference found, kept up to date node by node. */
export class Shapes {
  readonly conflicts: Conflict[] = []
  readonly #known = new Map<Value, Known>()
  readonly #constraints: Constraints
  readonly #border: Border | null

  /** With what is known of symbols of the inputs; `border` hears what outputs declare. */
  constructor(constraints: Constraints = new Map(), border: Border | null = null) {
    this.#constraints = constraints
    this.#border = border
  }

  /** What is known of a value's content. Reads constants only when they are small. */
  known(value: Value | null): Known | null {
    if (value === null) return null
    return value.constant === null ? (this.#known.get(value) ?? null) : knownOf(value.constant)
  }

  /** The shape of a value; sizes of the model's inputs that no one named get a symbol of their own. */
  shape(value: Value | null): Shape {
    const type = value?.type
    if (value == null || type?.kind !== 'tensor' || type.shape === null) return null
    if (!value.isInput) return isBorder(value) ? type.shape.map((dim) => this.#settled(dim)) : type.shape
    return type.shape.map((dim, axis): Dim => (dim === null ? symbolFor(value, axis) : this.#settled(canonicalDim(dim))))
  }

  #settled(dim: Dim): Dim {
    return typeof dim === 'string' ? (this.#constraints.get(dim) ?? dim) : dim
  }

  /** All nodes of a graph, in order, subgraphs included. */
  graph(graph: Graph): void {
    for (const node of graph.nodes) this.node(node)
  }

  /** One node: its outputs' types and contents follow from its inputs'. Also the hook for nodes that a rule makes. */
  readonly node = (node: Node): void => {
    const operator = operatorOf(node)
    const call = this.#call(node)
    const types = operator === null ? inferControl(node, this) : operator.infer(call)
    node.outputs.forEach((output, index) => {
      const type = types[index]
      if (output.name !== '' && type != null) this.#set(output, type)
    })
    if (operator?.followAll !== undefined) {
      operator.followAll(call).forEach((known, index) => {
        this.#follow(node.outputs[index], known)
      })
    } else this.#follow(node.outputs[0], operator?.follow?.(call) ?? null)
  }

  /** Gives a value a type from outside of its node: inputs of a loop's body. */
  assume(value: Value, type: ValueType | null): void {
    if (type !== null) value.graph.setType(value, type)
  }

  /** What a subgraph's value is known to hold, told by its owner. */
  learn(value: Value, known: Known | null): void {
    this.#follow(value, known)
  }

  #follow(value: Value | undefined, known: Known | null): void {
    if (value === undefined) return
    if (known === null) this.#known.delete(value)
    else this.#known.set(value, known)
  }

  #set(value: Value, inferred: ValueType): void {
    const declared = value.type
    if (declared !== null && contradicts(declared, inferred)) {
      this.conflicts.push({ value, declared, inferred })
      value.graph.setType(value, inferred)
      return
    }
    if (this.#border !== null && isBorder(value)) compareDims(this.#border, declared, inferred)
    const merged = sharperType(declared, inferred, isBorder(value) ? 'declared' : 'found')
    if (merged !== declared) value.graph.setType(value, merged)
  }

  #call(node: Node): Call {
    const { inputs } = node
    return {
      node,
      opset: node.graph.model.opsets.get(node.domain) ?? 0,
      count: inputs.length,
      has: (index) => inputs[index] != null,
      type: (index) => this.#type(inputs[index] ?? null),
      dtype: (index) => dtypeOf(inputs[index] ?? null),
      shape: (index) => this.shape(inputs[index] ?? null),
      known: (index) => this.known(inputs[index] ?? null),
    }
  }

  #type(value: Value | null): ValueType | null {
    if (value?.type?.kind !== 'tensor') return value?.type ?? null
    return { kind: 'tensor', dtype: value.type.dtype, shape: this.shape(value) }
  }
}

const isBorder = (value: Value): boolean => value.isOutput && value.graph.parent === null

function compareDims(border: Border, declared: ValueType | null, inferred: ValueType): void {
  if (declared?.kind !== 'tensor' || inferred.kind !== 'tensor') return
  declared.shape?.forEach((dim, axis) => {
    border.compare(dim, inferred.shape?.[axis] ?? null)
  })
}

const dtypeOf = (value: Value | null) => (value?.type?.kind === 'tensor' || value?.type?.kind === 'sparse' ? value.type.dtype : null)

const symbolFor = (value: Value, axis: number): string => `${value.name.replace(/\W/g, '_')}_dim${axis}`

function contradicts(declared: ValueType, inferred: ValueType): boolean {
  if (declared.kind !== 'tensor' || inferred.kind !== 'tensor') return declared.kind !== inferred.kind
  if (declared.dtype !== inferred.dtype) return true
  if (declared.shape === null || inferred.shape === null) return false
  if (declared.shape.length !== inferred.shape.length) return true
  return declared.shape.some((dim, i) => typeof dim === 'number' && differentDims(dim, inferred.shape?.[i] ?? null))
}
