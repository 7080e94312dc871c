import { int } from '../ir/attributes.ts'
import { type DType, onnxCode } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { float32Tensor, floatsOf } from '../ir/numbers.ts'
import { type Tensor, tensorOf } from '../ir/tensor.ts'
import type { Attribute, Node, Value, ValueType } from '../ir/value.ts'
import { graphsOf } from '../ir/walk.ts'
import { halvesOf } from './half.ts'
import { type HalfPlan, isFloat32, staysFloat } from './half-plan.ts'

export interface Borders {
  /** Inputs and outputs of the main graph stay float32, with a Cast inside. */
  readonly keep: boolean
}

/** Gives every float32 value the type that its producer and readers ask for, with a Cast where they differ. */
export class HalfRewriter {
  readonly #plan: HalfPlan
  readonly #borders: Borders
  /** float16 forms of constants, made beforehand. */
  readonly #constants: ReadonlyMap<Value, Tensor>
  /** What a value becomes for readers of the other type. */
  readonly #halves = new Map<Value, Value>()
  readonly #floats = new Map<Value, Value>()
  readonly #isHalf = new Set<Value>()

  constructor(plan: HalfPlan, borders: Borders, constants: ReadonlyMap<Value, Tensor>) {
    this.#plan = plan
    this.#borders = borders
    this.#constants = constants
  }

  rewrite(main: Graph): void {
    const graphs = [...graphsOf(main)]
    for (const graph of graphs) this.#decide(graph, graph === main)
    for (const graph of graphs) this.#connect(graph)
    for (const graph of graphs) if (graph !== main || this.#borders.keep) this.#restoreOutputs(graph)
    for (const graph of graphs) for (const node of [...graph.nodes]) this.#dropIdle(node)
  }

  /** Which values are float16 from where they are made. */
  #decide(graph: Graph, isMain: boolean): void {
    if (isMain && !this.#borders.keep) for (const input of graph.inputs) if (isFloat32(input)) this.#turn(input)
    for (const node of graph.nodes) {
      if (!this.#plan.half.has(node)) continue
      for (const output of node.outputs) if (isFloat32(output)) this.#turn(output)
      graph.setAttributes(node, halfAttributes(node))
    }
  }

  #turn(value: Value): void {
    this.#isHalf.add(value)
    value.graph.setType(value, halfType(value.type as ValueType))
  }

  /** Lets every reader see the type that it wants. */
  #connect(graph: Graph): void {
    for (const node of graph.nodes) {
      const half = this.#plan.half.has(node)
      node.inputs.forEach((value, index) => {
        if (value === null || !(this.#isHalf.has(value) || isFloat32(value))) return
        // A Cast takes any type as it is.
        if (half && node.opType === 'Cast') return
        const wanted = half && !staysFloat(node, index) ? this.#asHalf(value) : this.#asFloat(value)
        if (wanted !== value) graph.setInput(node, index, wanted)
      })
    }
  }

  #asHalf(value: Value): Value {
    if (this.#isHalf.has(value)) return value
    return remembered(this.#halves, value, () => {
      const tensor = this.#constants.get(value)
      if (tensor !== undefined) return (value.graph as Graph).addConstant(`${value.name}_half`, tensor)
      return this.#cast(value, 'float16')
    })
  }

  #asFloat(value: Value): Value {
    return this.#isHalf.has(value) ? remembered(this.#floats, value, () => this.#cast(value, 'float32')) : value
  }

  #cast(value: Value, dtype: DType): Value {
    const graph = value.graph as Graph
    const { producer } = value
    const cast = graph.addNode({
      opType: 'Cast',
      inputs: [value],
      attributes: { to: int(onnxCode(dtype)) },
      origins: producer?.origins ?? new Set(),
      ...(producer === null ? {} : { at: producer }),
    }).outputs[0] as Value
    if (value.type?.kind === 'tensor') graph.setType(cast, { ...value.type, dtype })
    return cast
  }

  /** A Cast from float16 to float16, which was one to or from float32: the runtime trips over it where it puts in casts of its own. */
  #dropIdle(node: Node): void {
    const [from] = node.inputs
    const [to] = node.outputs
    if (node.opType !== 'Cast' || !this.#plan.half.has(node) || !from || !to || to.isOutput) return
    if (from.type?.kind !== 'tensor' || to.type?.kind !== 'tensor' || from.type.dtype !== to.type.dtype) return
    node.graph.replaceUses(to, from)
    node.graph.removeNode(node)
  }

  /** Outputs that became float16 are given out as float32 under their name; inside, everyone goes on reading the float16 value. */
  #restoreOutputs(graph: Graph): void {
    for (const output of graph.outputs) {
      if (!this.#isHalf.has(output)) continue
      const readers = output.uses
      const restored = this.#floats.get(output) ?? this.#cast(output, 'float32')
      graph.replaceUses(output, restored)
      graph.setInput(restored.producer as Node, 0, output)
      for (const { node, index } of readers) if (node !== restored.producer) node.graph.setInput(node, index, output)
    }
  }
}

/** What ConstantOfShape fills with where it does not say. */
const zeroFill: Attribute = { type: 'tensor', value: float32Tensor([1], new Float32Array(1)) }

/** Attributes that name or hold float32 turn to float16 with their node. */
function halfAttributes(node: Node): ReadonlyMap<string, Attribute> {
  const attributes = new Map(node.attributes)
  const to = attributes.get('to')
  if (node.opType === 'Cast' && to?.type === 'int' && to.value === onnxCode('float32')) attributes.set('to', int(onnxCode('float16')))
  const fill = attributes.get('value') ?? (node.opType === 'ConstantOfShape' ? zeroFill : undefined)
  if (fill?.type === 'tensor' && fill.value.ref.dtype === 'float32') {
    const { values } = halvesOf(floatsOf(fill.value))
    attributes.set('value', { type: 'tensor', value: tensorOf('float16', fill.value.ref.dims, new Uint8Array(values.buffer)) })
  }
  return attributes
}

const halfType = (type: ValueType): ValueType => (type.kind === 'tensor' ? { ...type, dtype: 'float16' } : type)

function remembered(made: Map<Value, Value>, value: Value, make: () => Value): Value {
  const before = made.get(value)
  if (before !== undefined) return before
  const fresh = make()
  made.set(value, fresh)
  return fresh
}

/** Constants that nodes of the plan read as float16. */
export function halfConstants(main: Graph, { half }: HalfPlan): Value[] {
  const found = new Set<Value>()
  for (const node of half) {
    node.inputs.forEach((value, index) => {
      if (value?.constant?.ref.dtype === 'float32' && !staysFloat(node, index)) found.add(value)
    })
  }
  return [...found].filter((value) => value.graph.model === main.model)
}
