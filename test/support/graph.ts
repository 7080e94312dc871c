import { type DType, dtypes, isFloat } from '../../core/ir/dtype.ts'
import { Graph } from '../../core/ir/graph.ts'
import { Model } from '../../core/ir/model.ts'
import { tensorFrom } from '../../core/ir/numbers.ts'
import { countOf, type Tensor } from '../../core/ir/tensor.ts'
import { graphText, type TextOptions } from '../../core/ir/text.ts'
import type { Attribute, Dim, Value, ValueType } from '../../core/ir/value.ts'
import { hashOf, normals, seeded } from './seeds.ts'

/**
 * A model from the text form of `core/ir/text.ts`:
 * ```
 * opset 17, com.microsoft 1
 * (x: float32[batch, 4]) -> (y: float32[batch, 4])
 * w = float32[4, 4]                       seeded random, N(0, 1) / 2; whole numbers 0 to 3
 * v = float32[4] positive                 seeded, 0.5 to 1.5; also `zeros`, `ones`
 * h = MatMul(x, w)
 * a, _ = Split(h) {axis: 1, num_outputs: 2}
 * y = Add(h, float32 2.0)                 constants may stand where they are read
 * ```
 * Integers are int attributes, `1.0` a float; `_` is an input or output left out; a subgraph stands in braces: `If(c) {then_branch: { () -> (a) ... }}`.
 * Without an opset line the model is of opset 21 and com.microsoft 1; other domains are imported at 1 where they are used.
 */
export function modelOf(text: string): Model {
  return new TextReader(text).model()
}

/** A model as the text that `modelOf` reads: its operator sets, then the graph. */
export function modelText(model: Model, options: TextOptions = {}): string {
  const opsets = [...model.opsets].map(([domain, version]) => (domain === '' ? `opset ${version}` : `${domain} ${version}`))
  return `${opsets.join(', ')}\n${graphText(model.graph, options)}`
}

interface Token {
  readonly text: string
  readonly line: number
  readonly start: number
  readonly end: number
}

const tokens = /->|"(?:[^"\\]|\\.)*"|-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)(?![A-Za-z_0-9.])|[A-Za-z_%/][A-Za-z0-9_./%-]*|[^\s]/g

class TextReader {
  readonly #source: string
  readonly #tokens: readonly Token[]
  #at = 0
  #constants = 0

  constructor(source: string) {
    this.#source = source
    const lines = source.split('\n')
    let offset = 0
    this.#tokens = lines.flatMap((line, index) => {
      const start = offset
      offset += line.length + 1
      const code = line.replace(/\s#.*$|^#.*$/, '')
      return [...code.matchAll(tokens)].map(({ 0: token, index: column }) => ({
        text: token,
        line: index,
        start: start + column,
        end: start + column + token.length,
      }))
    })
  }

  model(): Model {
    const opsets = this.#opsets()
    const model = new Model({}, opsets)
    this.#graph(model.graph)
    if (this.#at < this.#tokens.length) this.#fail('expected the end')
    return model.markOpened()
  }

  #opsets(): Map<string, number> {
    if (this.#peek() === '(')
      return new Map([
        ['', 21],
        ['com.microsoft', 1],
      ])
    const opsets = new Map<string, number>()
    do {
      const domain = this.#next()
      opsets.set(domain === 'opset' ? '' : domain, Number(this.#next()))
    } while (this.#take(','))
    return opsets
  }

  #graph(graph: Graph): void {
    this.#expect('(')
    for (const { name, type } of this.#border()) graph.addInput(name, type)
    this.#expect('->')
    this.#expect('(')
    const outputs = this.#border()
    while (this.#at < this.#tokens.length && this.#peek() !== '}') this.#statement(graph)
    for (const { name, type } of outputs) {
      const value = graph.find(name) ?? this.#fail(`no value '${name}' to give out`)
      if (type !== null) graph.setType(value, type)
      graph.addOutput(value)
    }
  }

  #border(): { name: string; type: ValueType | null }[] {
    const values: { name: string; type: ValueType | null }[] = []
    while (!this.#take(')')) {
      const name = this.#name()
      values.push({ name, type: this.#take(':') ? this.#type() : null })
      if (this.#peek() !== ')') this.#expect(',')
    }
    return values
  }

  #type(): ValueType {
    return { kind: 'tensor', dtype: this.#dtype(), shape: this.#shape() }
  }

  #dtype(): DType {
    const dtype = this.#next() as DType
    return dtypes.includes(dtype) ? dtype : this.#fail(`'${dtype}' is no element type`)
  }

  #shape(): readonly Dim[] | null {
    if (!this.#take('[')) return []
    if (this.#peek() === '.') {
      while (this.#peek() === '.') this.#next()
      this.#expect(']')
      return null
    }
    const dims: Dim[] = []
    while (!this.#take(']')) {
      const first = this.#tokens[this.#at] as Token
      let last = first
      while (this.#peek() !== ',' && this.#peek() !== ']') {
        last = this.#tokens[this.#at] as Token
        this.#next()
      }
      const dim = this.#source.slice(first.start, last.end)
      dims.push(dim === '?' ? null : /^\d+$/.test(dim) ? Number(dim) : dim)
      this.#take(',')
    }
    return dims
  }

  #statement(graph: Graph): void {
    const outputs = [this.#output()]
    while (this.#take(',')) outputs.push(this.#output())
    this.#expect('=')
    if (dtypes.includes(this.#peek() as DType)) graph.addInitializer(outputs[0] as string, this.#constant(outputs[0] as string))
    else this.#call(graph, outputs)
  }

  #output(): string {
    return this.#take('_') ? '' : this.#name()
  }

  #call(graph: Graph, outputs: readonly string[]): void {
    const type = this.#name()
    const dot = type.lastIndexOf('.')
    if (dot > 0 && !graph.model.opsets.has(type.slice(0, dot))) graph.model.opsets.set(type.slice(0, dot), 1)
    this.#expect('(')
    const inputs: (Value | null)[] = []
    while (!this.#take(')')) {
      inputs.push(this.#input(graph))
      if (this.#peek() !== ')') this.#expect(',')
    }
    const node = graph.addNode({
      domain: type.slice(0, Math.max(0, dot)),
      opType: type.slice(dot + 1),
      inputs,
      outputs,
      ...this.#originalId(graph),
    })
    if (this.#peek() === '{') graph.setAttributes(node, this.#attributes(graph))
  }

  /** Nodes of the main graph get ids as the reader of files would give them, so that origins can be told. */
  #originalId(graph: Graph): { id?: string } {
    return graph.parent === null ? { id: String(graph.nodeCount) } : { id: `sub/${this.#at}` }
  }

  #input(graph: Graph): Value | null {
    if (this.#take('_')) return null
    if (dtypes.includes(this.#peek() as DType)) {
      this.#constants += 1
      const name = `constant_${this.#constants}`
      return graph.addInitializer(name, this.#constant(name))
    }
    const name = this.#name()
    return graph.find(name) ?? this.#fail(`'${name}' is read before it is defined`)
  }

  #constant(name: string): Tensor {
    const dtype = this.#dtype()
    if (this.#peek() !== '[') return tensorFrom(dtype, [], [this.#number()])
    const line = this.#tokens[this.#at]?.line
    const dims = (this.#shape() ?? []).map((dim) => (typeof dim === 'number' ? dim : this.#fail('a constant has known dims')))
    const token = this.#tokens[this.#at]
    if (token?.line !== line) return tensorFrom(dtype, dims, generated(dtype, dims, { kind: 'normal', seed: hashOf(name) }))
    if (token?.text === '{') return tensorFrom(dtype, dims, this.#numbers('{', '}'))
    const kind = kinds.find((known) => known === token?.text)
    if (kind !== undefined) this.#next()
    return tensorFrom(dtype, dims, generated(dtype, dims, { kind: kind ?? 'normal', seed: hashOf(name) }))
  }

  #numbers(open: string, close: string): number[] {
    this.#expect(open)
    const numbers: number[] = []
    while (!this.#take(close)) {
      numbers.push(this.#number())
      this.#take(',')
    }
    return numbers
  }

  #number(): number {
    const token = this.#next()
    if (/^-?inf$/.test(token)) return token === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    if (token === 'nan') return Number.NaN
    const number = Number(token)
    return Number.isNaN(number) ? this.#fail(`'${token}' is no number`) : number
  }

  #attributes(graph: Graph): Map<string, Attribute> {
    const attributes = new Map<string, Attribute>()
    this.#expect('{')
    while (!this.#take('}')) {
      const name = this.#name()
      this.#expect(':')
      attributes.set(name, this.#attribute(graph, name))
      if (this.#peek() !== '}') this.#expect(',')
    }
    return attributes
  }

  #attribute(graph: Graph, name: string): Attribute {
    const token = this.#peek()
    if (token === '{') return { type: 'graph', value: this.#subgraph(graph) }
    if (token === '[') return this.#list()
    if (token.startsWith('"')) return { type: 'string', value: this.#name() }
    if (token === 'floats' || token === 'strings') {
      this.#next()
      this.#expect('[')
      this.#expect(']')
      return token === 'floats' ? { type: 'floats', value: [] } : { type: 'strings', value: [] }
    }
    if (dtypes.includes(token as DType)) return { type: 'tensor', value: this.#constant(name) }
    const value = this.#number()
    return isFloatToken(token) ? { type: 'float', value } : { type: 'int', value }
  }

  #list(): Attribute {
    this.#expect('[')
    const items: string[] = []
    while (!this.#take(']')) {
      items.push(this.#next())
      this.#take(',')
    }
    if (items.some((item) => item.startsWith('"'))) return { type: 'strings', value: items.map((item) => JSON.parse(item) as string) }
    return { type: items.some(isFloatToken) ? 'floats' : 'ints', value: items.map(Number) }
  }

  #subgraph(parent: Graph): Graph {
    this.#expect('{')
    const graph = new Graph(parent.model, parent)
    // The runtime refuses subgraphs without a name.
    graph.name = 'subgraph'
    this.#graph(graph)
    this.#expect('}')
    return graph
  }

  #name(): string {
    const token = this.#next()
    return token.startsWith('"') ? (JSON.parse(token) as string) : token
  }

  #peek(): string {
    return this.#tokens[this.#at]?.text ?? ''
  }

  #next(): string {
    const token = this.#tokens[this.#at] ?? this.#fail('the text ends too early')
    this.#at += 1
    return token.text
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) return false
    this.#at += 1
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#fail(`expected '${text}'`)
  }

  #fail(what: string): never {
    const token = this.#tokens[this.#at]
    throw new Error(`line ${(token?.line ?? this.#source.split('\n').length) + 1}, at '${token?.text ?? 'the end'}': ${what}`)
  }
}

const isFloatToken = (token: string): boolean => /^-?(\d+\.\d|\d+e|inf|nan|\d+\.\d+e)/.test(token)

const kinds = ['positive', 'zeros', 'ones'] as const

/** Elements of a constant that the text does not spell out. */
function generated(dtype: DType, dims: readonly number[], how: { kind: 'normal' | (typeof kinds)[number]; seed: number }): number[] {
  const random = seeded(how.seed)
  const normal = normals(random)
  const make: Record<typeof how.kind, () => number> = {
    normal: isFloat(dtype) ? () => normal() / 2 : () => Math.floor(random() * 4),
    positive: isFloat(dtype) ? () => 0.5 + random() : () => 1 + Math.floor(random() * 3),
    zeros: () => 0,
    ones: () => 1,
  }
  return Array.from({ length: countOf(dims) }, make[how.kind])
}
