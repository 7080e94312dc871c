import { int, ints } from '../ir/attributes.ts'
import { type DType, onnxCode } from '../ir/dtype.ts'
import { Model } from '../ir/model.ts'
import { int64Tensor, tensorFrom } from '../ir/numbers.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Node, Value, ValueMap } from '../ir/value.ts'
import { subgraphsOf } from '../ir/walk.ts'
import type { InputSource } from '../runtime/session.ts'
import type { Layout } from './layout.ts'
import type { Sighting } from './observable.ts'
import type { Relation } from './relation.ts'
import { isWidened } from './runtime-names.ts'
import type { MeasuredVersion } from './version.ts'

/** How a candidate's value is made from a baseline's value. */
interface Source {
  readonly value: Value
  readonly maps: readonly ValueMap[]
  readonly quantize: Quantization | null
}

interface Quantization {
  readonly scale: Tensor
  readonly zeroPoint: Tensor | null
  readonly axis: number
}

/**
 * A graph of the candidate's kernels in which every row of layers is fed by itself, with the values of the baseline: what it then gives
 * differs by the row's own error alone. Baseline values are brought into the form that the kernels take: cast, permuted, quantized, blocked.
 */
export class LocalGraph {
  readonly model: Model
  /** Where each input of the graph comes from: values of the baseline (session 0) or samples. */
  readonly sources: Record<string, InputSource> = {}
  /** Values of the baseline that have to be given out. */
  readonly needed = new Set<Value>()
  readonly #columns: Readonly<Record<string, InputSource>>
  readonly #sourceOf: ReadonlyMap<string, Source>
  readonly #carried: ReadonlyMap<Value, { readonly value: Value; readonly layout: Layout }>
  /** Kernels that belong to no layer: conversions and arithmetic on shapes. Every row may repeat them. */
  readonly #free: ReadonlySet<Node>
  readonly #inputs = new Map<string, Value>()
  readonly #constants = new Map<Value, Value>()
  /** The values of the row at hand. */
  #copies = new Map<Value, Value | null>()
  #row: ReadonlySet<Node> = new Set()

  constructor(baseline: MeasuredVersion, candidate: MeasuredVersion, relation: Relation, columns: Readonly<Record<string, InputSource>>) {
    const { kernels } = candidate.executed
    this.model = new Model({ irVersion: kernels.header.irVersion }, kernels.opsets)
    this.#columns = columns
    this.#sourceOf = sources(baseline, candidate, relation)
    this.#carried = new Map([...candidate.ties.carriers].map(([value, carrier]) => [carrier.value, { value, layout: carrier.layout }]))
    const { ties, statics } = candidate.ties
    const isStatic = (node: Node) => statics.constant.has(node) || statics.shape.has(node)
    this.#free = new Set(ties.filter(({ conversion, nodes }) => conversion || nodes.every(isStatic)).map(({ kernel }) => kernel))
  }

  /** Adds the kernels that give a value of a row, and makes it an output; its name, or `null` when not all that they need is there. */
  add(kernels: readonly Node[], { value, blocked }: Sighting, channels: number | null): string | null {
    this.#row = new Set(kernels)
    this.#copies = new Map()
    const { producer } = value
    if (producer === null || !(this.#row.has(producer) || this.#free.has(producer))) return null
    // What a conversion behind the row gives is the baseline's own value again, unless it is made from the row's.
    const copy = this.#row.has(producer) ? this.#copied(value) : this.#copyOf(producer, value)
    if (copy === null || copy.producer === null || copy.isOutput) return null
    const shown = blocked ? this.#node('ReorderOutput', [copy], { domain: nchwc, attributes: { channels: int(channels ?? 0) } }) : copy
    this.model.graph.addOutput(shown)
    return shown.name
  }

  #copied(value: Value): Value | null {
    if (value.initializer !== null && value.producer === null) return this.#constant(value)
    const known = this.#copies.get(value)
    if (known !== undefined) return known
    const copy = this.#make(value)
    this.#copies.set(value, copy)
    return copy
  }

  #make(value: Value): Value | null {
    const { producer } = value
    if (producer === null) return this.#given(value)
    if (this.#row.has(producer)) return this.#copyOf(producer, value)
    return this.#converted(value) ?? (this.#free.has(producer) ? this.#copyOf(producer, value) : null)
  }

  #copyOf(kernel: Node, wanted: Value): Value | null {
    const inputs = kernel.inputs.map((input) => (input === null ? null : this.#copied(input)))
    if (subgraphsOf(kernel).length > 0 || inputs.some((input, index) => input === null && kernel.inputs[index] !== null)) return null
    const outputs = kernel.outputs.map(({ name }) => (name === '' ? '' : this.model.freshName(name)))
    const { opType, domain, attributes } = kernel
    const copy = this.model.graph.addNode({ opType, domain, attributes, inputs, outputs, name: this.model.freshName(kernel.name) })
    kernel.outputs.forEach((output, index) => {
      this.#copies.set(output, copy.outputs[index] ?? null)
    })
    return this.#copies.get(wanted) ?? null
  }

  /** An input of the candidate, from the samples. */
  #given({ name, type }: Value): Value {
    return this.#input(`given ${name}`, type, this.#columns[name] ?? { column: name })
  }

  #input(key: string, type: Value['type'], source: InputSource): Value {
    const known = this.#inputs.get(key)
    if (known !== undefined) return known
    const plain = type?.kind === 'tensor' ? { ...type, shape: null } : type
    const input = this.model.graph.addInput(this.model.freshName(key), plain)
    this.#inputs.set(key, input)
    this.sources[input.name] = source
    return input
  }

  #constant(value: Value): Value {
    const known = this.#constants.get(value) ?? this.model.graph.addConstant(value.name, value.initializer as Tensor)
    this.#constants.set(value, known)
    return known
  }

  /** A value that enters the row, from the baseline. */
  #converted(value: Value): Value | null {
    const carried = this.#carried.get(value)
    const source = carried === undefined ? undefined : this.#sourceOf.get(carried.value.id)
    if (carried === undefined || source === undefined || source.value.type?.kind !== 'tensor') return null
    this.needed.add(source.value)
    const { name, type, producer } = source.value
    const from = producer === null ? { column: name } : { column: name, session: 0 }
    let made: Value | null = this.#input(`baseline ${name}`, type, from)
    for (const map of source.maps) made = made && this.#mapped(made, map, carried.value)
    if (made !== null && source.quantize !== null) made = this.#quantized(made, source.quantize)
    else if (made !== null) made = this.#cast(made, source.value, takenType(value, carried))
    return made && this.#laidOut(made, carried.layout)
  }

  #mapped(value: Value, map: ValueMap, target: Value): Value | null {
    if (map.kind === 'identity') return value
    if (map.kind === 'permute') return this.#node('Transpose', [value], { attributes: { perm: ints(map.perm) } })
    if (map.kind === 'select') {
      const kept = this.model.graph.addConstant('kept', int64Tensor(map.kept))
      return this.#node('Gather', [value, kept], { attributes: { axis: int(map.axis) } })
    }
    if (map.kind !== 'dequantize' || target.type?.kind !== 'tensor') return null
    const dims = map.scale.length === 1 ? [] : [map.scale.length]
    const zeroPoint = tensorFrom(
      target.type.dtype,
      dims,
      map.zeroPoint.length === map.scale.length ? map.zeroPoint : map.scale.map(() => map.zeroPoint[0] ?? 0),
    )
    return this.#quantized(value, { scale: tensorFrom('float32', dims, map.scale), zeroPoint, axis: map.axis ?? 1 })
  }

  #quantized(value: Value, { scale, zeroPoint, axis }: Quantization): Value {
    const { graph } = this.model
    const inputs = [value, graph.addConstant('scale', scale), zeroPoint && graph.addConstant('zero_point', zeroPoint)]
    return this.#node('QuantizeLinear', inputs, { attributes: scale.ref.dims.length === 0 ? {} : { axis: int(axis) } })
  }

  #cast(value: Value, from: Value, to: DType | null): Value {
    if (from.type?.kind !== 'tensor' || to === null || from.type.dtype === to) return value
    return this.#node('Cast', [value], { attributes: { to: int(onnxCode(to)) } })
  }

  #laidOut(value: Value, layout: Layout): Value | null {
    if (layout.kind === 'plain') return value
    if (layout.kind === 'permute') return this.#node('Transpose', [value], { attributes: { perm: ints(layout.perm) } })
    return layout.kind === 'blocked' ? this.#node('ReorderInput', [value], { domain: nchwc }) : null
  }

  #node(
    opType: string,
    inputs: readonly (Value | null)[],
    { domain = '', attributes = {} }: Partial<Pick<Parameters<Model['graph']['addNode']>[0], 'domain' | 'attributes'>>,
  ): Value {
    const node = this.model.graph.addNode({ opType, domain, inputs, attributes, name: this.model.freshName(`local_${opType}`) })
    return node.outputs[0] as Value
  }
}

const nchwc = 'com.microsoft.nchwc'

/** The element type that a kernel reads: where the runtime computes halves in single precision it is not that of the value it carries. */
function takenType(read: Value, { value, layout }: { readonly value: Value; readonly layout: Layout }): DType | null {
  if (layout.kind === 'blocked' || isWidened(read.name)) return 'float32'
  const type = read.type ?? value.type
  return type?.kind === 'tensor' ? type.dtype : null
}

/** For each value of the candidate, by id, how it is made from the baseline. */
function sources(baseline: MeasuredVersion, candidate: MeasuredVersion, relation: Relation): Map<string, Source> {
  const found = new Map<string, Source>()
  for (const value of baseline.executed.version.graph.values) {
    if (value.initializer !== null || value.name === '') continue
    for (const { value: counterpart, maps } of relation.counterparts(value)) {
      const known = found.get(counterpart.id)
      if (known === undefined || maps.length < known.maps.length) found.set(counterpart.id, { value, maps, quantize: null })
    }
  }
  for (const node of candidate.executed.version.graph.nodes) {
    const [input, scale, zeroPoint] = node.inputs
    const [output] = node.outputs
    if (!input || !output || !scale?.constant || (zeroPoint && zeroPoint.constant === null)) continue
    const axis = node.attributes.get('axis')
    const quantize = { scale: scale.constant, zeroPoint: zeroPoint?.constant ?? null, axis: axis?.type === 'int' ? axis.value : 1 }
    const [codes, numbers] = node.opType === 'QuantizeLinear' ? [output, input] : node.opType === 'DequantizeLinear' ? [input, output] : []
    const source = numbers === undefined ? undefined : found.get(numbers.id)
    if (codes !== undefined && source !== undefined && source.quantize === null && !found.has(codes.id))
      found.set(codes.id, { ...source, quantize })
  }
  return found
}
