import type { Graph } from './graph.ts'
import { numbersOf } from './numbers.ts'
import { countOf, type Tensor } from './tensor.ts'
import type { Attribute, Node, Value, ValueType } from './value.ts'

/** Constants of at most this many elements are written by value; larger ones, and lists of floats, by type and dims alone. */
const longestList = 16

/** How values are called in a text. */
export interface TextOptions {
  /**
   * `kept`: as in the model. `canonical`: inputs and outputs keep theirs, everything between is numbered in the order of the text, and
   * a constant with one reader is written where it is read; two graphs that compute the same thing alike then have the same text.
   */
  readonly names?: 'kept' | 'canonical'
}

/**
 * A graph as readable text, one line a node:
 * ```
 * (x: float32[batch, 4]) -> (y: float32[batch, 4])
 * w = float32[4, 4]
 * h = MatMul(x, w)
 * y = Add(h, float32 2.0)
 * ```
 * Weights are not part of it (only their type and dims): it is for reading, comparing and tests, never for storage.
 */
export function graphText(graph: Graph, options: TextOptions = {}): string {
  const writer = new TextWriter(options.names === 'canonical')
  return writer.graph(graph)
}

class TextWriter {
  readonly #canonical: boolean
  readonly #names = new Map<Value, string>()
  #count = 0

  constructor(canonical: boolean) {
    this.#canonical = canonical
  }

  graph(graph: Graph): string {
    for (const value of [...graph.inputs, ...graph.outputs]) this.#names.set(value, value.name)
    return [this.#header(graph), ...this.#lines(graph)].join('\n')
  }

  #header(graph: Graph): string {
    const typed = (value: Value) => (this.#canonical && graph.parent !== null ? '' : typeSuffix(value.type))
    const border = (values: readonly Value[]) => values.map((value) => `${quoted(value.name)}${typed(value)}`).join(', ')
    return `(${border(graph.inputs)}) -> (${border(graph.outputs)})`
  }

  #lines(graph: Graph): string[] {
    const lines: string[] = []
    if (!this.#canonical) lines.push(...graph.initializers.filter((value) => value.constant !== null).map((value) => this.#constant(value)))
    const nodes = this.#canonical ? reachingOrder(graph) : graph.nodes
    for (const node of nodes) {
      if (this.#canonical) lines.push(...this.#namedConstants(node, graph))
      lines.push(this.#node(node))
    }
    if (this.#canonical) lines.push(...graph.outputs.filter((output) => output.constant !== null).map((output) => this.#constant(output)))
    return lines
  }

  /** Constants that are read more than once get a line of their own before their first reader. */
  #namedConstants(node: Node, graph: Graph): string[] {
    const fresh = node.inputs.filter(
      (value) => value?.constant && value.graph === graph && !this.#names.has(value) && value.uses.length > 1,
    )
    return [...new Set(fresh as Value[])].map((value) => this.#constant(value))
  }

  #constant(value: Value): string {
    return `${this.#name(value)} = ${constantText(value.initializer as Tensor)}`
  }

  #node(node: Node): string {
    const inputs = node.inputs.map((value) => (value === null ? '_' : this.#input(value)))
    while (inputs.at(-1) === '_') inputs.pop()
    const outputs = node.outputs.map((value) => (value.name === '' ? '_' : this.#name(value)))
    const type = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`
    return `${outputs.join(', ')} = ${type}(${inputs.join(', ')})${this.#attributes(node)}`
  }

  #input(value: Value): string {
    const inline = this.#canonical && value.constant !== null && !value.isOutput && value.uses.length === 1
    return inline ? constantText(value.constant as Tensor) : this.#name(value)
  }

  #attributes(node: Node): string {
    if (node.attributes.size === 0) return ''
    const entries = [...node.attributes].map(([name, attribute]) => `${name}: ${this.#attribute(attribute)}`)
    return ` {${(this.#canonical ? entries.sort() : entries).join(', ')}}`
  }

  #attribute(attribute: Attribute): string {
    if (attribute.type === 'graph') return this.#subgraph(attribute.value)
    if (attribute.type === 'graphs') return `[${attribute.value.map((graph) => this.#subgraph(graph)).join(', ')}]`
    return attributeText(attribute)
  }

  #subgraph(graph: Graph): string {
    const lines = this.graph(graph).split('\n')
    return `{\n${lines.map((line) => `  ${line}`).join('\n')}\n}`
  }

  #name(value: Value): string {
    if (!this.#canonical) return quoted(value.name)
    let name = this.#names.get(value)
    if (name === undefined) {
      this.#count += 1
      name = `%${this.#count}`
      this.#names.set(value, name)
    }
    return quoted(name)
  }
}

/** Nodes in the order in which the outputs ask for them; what no output needs follows. */
function reachingOrder(graph: Graph): readonly Node[] {
  const order = new Set<Node>()
  const sorted = graph.nodes
  const visit = (value: Value | null): void => {
    const stack: { node: Node; next: number }[] = []
    const open = (producer: Node | null | undefined): void => {
      if (producer && producer.graph === graph && !order.has(producer)) stack.push({ node: producer, next: 0 })
    }
    open(value?.producer)
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { node: Node; next: number }
      if (top.next < top.node.inputs.length) {
        top.next += 1
        open(top.node.inputs[top.next - 1]?.producer)
      } else {
        order.add(top.node)
        stack.pop()
      }
    }
  }
  // A node with subgraphs may read values that are no inputs of its own: topological order is the safe one then.
  if (sorted.some((node) => [...node.attributes.values()].some(({ type }) => type === 'graph' || type === 'graphs'))) return sorted
  for (const output of graph.outputs) visit(output)
  for (const node of sorted) order.add(node)
  return [...order]
}

const plain = /^[A-Za-z_%/][A-Za-z0-9_./%-]*$/
const quoted = (name: string): string => (plain.test(name) && name !== '_' ? name : JSON.stringify(name))

function typeSuffix(type: ValueType | null): string {
  return type === null ? '' : `: ${typeText(type)}`
}

/** A type as text: `float32[batch, 4]`, `int64` for a scalar, `float32[...]` where the rank is not known. */
export function typeText(type: ValueType): string {
  if (type.kind === 'sequence' || type.kind === 'optional') return `${type.kind}(${type.element === null ? '?' : typeText(type.element)})`
  if (type.kind === 'map') return `map(${type.key}, ${type.value === null ? '?' : typeText(type.value)})`
  if (type.kind === 'opaque') return 'opaque'
  const prefix = type.kind === 'sparse' ? 'sparse ' : ''
  if (type.shape === null) return `${prefix}${type.dtype}[...]`
  return `${prefix}${type.dtype}[${type.shape.map((dim) => dim ?? '?').join(', ')}]`
}

/** A tensor as text: by value when it is a scalar or a short list of whole numbers, else by type and dims. */
export function constantText(tensor: Tensor): string {
  const { dtype, dims } = tensor.ref
  const count = countOf(dims)
  const bare = `${dtype}[${dims.join(', ')}]`
  const float = !/^(u?int\d+|bool)$/.test(dtype)
  const readable = !/^(string|float8.*|float4.*|complex.*)$/.test(dtype)
  if (!readable || count > (float ? 1 : longestList)) return bare
  const numbers = [...numbersOf(tensor)].map((value) => numberText(value, float))
  if (dims.length === 0) return `${dtype} ${numbers[0]}`
  return `${bare} {${numbers.join(', ')}}`
}

function numberText(value: number, float: boolean): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (!float) return String(value)
  const short = Number(value.toPrecision(6))
  const shown = Math.fround(short) === Math.fround(value) ? short : Number(value.toPrecision(9))
  return Number.isInteger(shown) && Math.abs(shown) < 1e15 ? shown.toFixed(1) : String(shown)
}

function attributeText(attribute: Exclude<Attribute, { type: 'graph' | 'graphs' }>): string {
  switch (attribute.type) {
    case 'float':
      return numberText(attribute.value, true)
    case 'int':
      return String(attribute.exact ?? attribute.value)
    case 'string':
      return JSON.stringify(attribute.value)
    case 'floats':
      return attribute.value.length === 0 ? 'floats[]' : `[${attribute.value.map((value) => numberText(value, true)).join(', ')}]`
    case 'ints':
      return `[${(attribute.exact ?? attribute.value).join(', ')}]`
    case 'strings':
      return attribute.value.length === 0 ? 'strings[]' : `[${attribute.value.map((value) => JSON.stringify(value)).join(', ')}]`
    case 'tensor':
      return constantText(attribute.value)
    case 'tensors':
      return `[${attribute.value.map(constantText).join(', ')}]`
    case 'encoded':
      return `encoded(${attribute.value.byteLength} bytes)`
  }
}
