import type { Graph } from '../ir/graph.ts'
import type { Value } from '../ir/value.ts'
import type { AttributeProto, FunctionProto } from './schema.ts'

/** Where the names of a list of nodes are looked up while a file is read. */
export interface Scope {
  /** What a reader's problems call this place: `''`, or the reference of the holder with its separator. */
  readonly reference: string
  readonly graph: Graph
  /** The value of a name that is written in the file; `undefined` when nothing has it. */
  find(name: string): Value | null | undefined
  /** The name that a value gets in the model, for the name it has in the file. */
  nameFor(name: string): string
  define(name: string, value: Value): void
  defines(name: string): boolean
  /** Attributes of the call that surrounds the body of a function; `null` outside of one. */
  readonly call: { readonly attributes: ReadonlyMap<string, AttributeProto>; readonly scope: Scope } | null
}

/** The scope of a graph: its own names, then those around it. Names that would hide outer ones get fresh names. */
export class GraphScope implements Scope {
  readonly reference: string
  readonly graph: Graph
  readonly call: Scope['call']
  readonly #outer: Scope | null
  readonly #values = new Map<string, Value>()

  constructor(graph: Graph, reference: string, outer: Scope | null) {
    this.graph = graph
    this.reference = reference
    this.#outer = outer
    this.call = outer?.call ?? null
  }

  find(name: string): Value | null | undefined {
    return this.#values.get(name) ?? this.#outer?.find(name)
  }

  nameFor(name: string): string {
    return this.graph.find(name) === null ? name : this.graph.model.freshName(name)
  }

  define(name: string, value: Value): void {
    this.#values.set(name, value)
  }

  defines(name: string): boolean {
    return this.#values.has(name)
  }
}

/** The scope of one call of a function: its formal names stand for the caller's, the others are its own. */
export class CallScope implements Scope {
  readonly reference: string
  readonly graph: Graph
  readonly call: NonNullable<Scope['call']>
  readonly #caller: Scope
  /** Formal input -> the caller's name, `''` when it is left out. */
  readonly #inputs: ReadonlyMap<string, string>
  /** Formal output -> the caller's name, of those it asks for. */
  readonly #outputs: ReadonlyMap<string, string>
  readonly #values = new Map<string, Value>()

  constructor(caller: Scope, reference: string, made: CallParts) {
    this.graph = caller.graph
    this.reference = reference
    this.#caller = caller
    this.#inputs = new Map(made.definition.input.map((formal, index) => [formal, made.inputs[index] ?? '']))
    this.#outputs = new Map(made.definition.output.flatMap((formal, index) => (made.outputs[index] ? [[formal, made.outputs[index]]] : [])))
    this.call = { attributes: made.attributes, scope: caller }
  }

  find(name: string): Value | null | undefined {
    const own = this.#values.get(name)
    if (own !== undefined) return own
    const actual = this.#inputs.get(name)
    return actual === undefined || actual === '' ? (actual === undefined ? undefined : null) : this.#caller.find(actual)
  }

  nameFor(name: string): string {
    const actual = this.#outputs.get(name)
    return actual === undefined ? this.graph.model.freshName(`${this.reference}${name}`) : this.#caller.nameFor(actual)
  }

  define(name: string, value: Value): void {
    this.#values.set(name, value)
    const actual = this.#outputs.get(name)
    if (actual !== undefined) this.#caller.define(actual, value)
  }

  defines(name: string): boolean {
    const actual = this.#outputs.get(name)
    return this.#values.has(name) || this.#inputs.has(name) || (actual !== undefined && this.#caller.defines(actual))
  }

  /** Formal outputs that are formal inputs, with the caller's names of both: nothing in the body computes them. */
  passedThrough(): readonly { readonly from: string; readonly to: string }[] {
    return [...this.#outputs].flatMap(([formal, to]) => (this.#inputs.has(formal) ? [{ from: formal, to }] : []))
  }
}

export interface CallParts {
  readonly definition: FunctionProto
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, AttributeProto>
}
