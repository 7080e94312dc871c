import { exportAgain, graphProblem } from './problems.ts'
import type { AttributeProto, FunctionProto, NodeProto } from './schema.ts'
import type { CallParts, Scope } from './scope.ts'

/** `''` is the standard domain, under both of its names. */
export const domainOf = (domain: string | undefined): string => (domain === undefined || domain === 'ai.onnx' ? '' : domain)

/** Calls of calls double with every level: a bound far above real models that keeps a hostile file from filling the memory. */
const mostInlinedNodes = 500_000
/** Calls inside calls; the same bound as for messages inside messages. */
const deepestCalls = 100

/** The model-local functions of a file, by what a node must say to call them. */
export class Functions {
  readonly #byKey = new Map<string, FunctionProto>()
  readonly #sizes = new Map<FunctionProto, number>()
  readonly #open = new Set<FunctionProto>()
  #inlined = 0

  constructor(functions: readonly FunctionProto[]) {
    for (const definition of functions) {
      const key = keyOf(definition.domain, definition.name, definition.overload)
      if (this.#byKey.has(key)) {
        const what = `The function '${definition.name}' of domain '${domainOf(definition.domain)}' is defined twice`
        throw graphProblem('duplicate-function', what, {}, exportAgain)
      }
      this.#byKey.set(key, definition)
    }
  }

  called(node: NodeProto): FunctionProto | null {
    return this.#byKey.size === 0 ? null : (this.#byKey.get(keyOf(node.domain, node.opType, node.overload)) ?? null)
  }

  /** Counts a call that is about to be inlined. Expansions without end, or too large to hold, are a problem before any node is made. */
  admit(definition: FunctionProto, reference: string): void {
    this.#inlined += this.#sizeOf(definition)
    if (this.#inlined <= mostInlinedNodes) return
    const what = `The model's functions expand to more than ${mostInlinedNodes} nodes`
    throw graphProblem('functions-too-large', what, { node: reference }, 'Export the model without functions.')
  }

  /** Nodes of a function's body with everything that it calls. */
  #sizeOf(definition: FunctionProto): number {
    const known = this.#sizes.get(definition)
    if (known !== undefined) return known
    if (this.#open.has(definition) || this.#open.size > deepestCalls) {
      const what = this.#open.has(definition) ? 'calls itself' : `is called through more than ${deepestCalls} others`
      throw graphProblem('recursive-function', `The function '${definition.name}' ${what}`, {}, exportAgain)
    }
    this.#open.add(definition)
    const size = this.#sizeOfNodes(definition.node)
    this.#open.delete(definition)
    this.#sizes.set(definition, size)
    return size
  }

  #sizeOfNodes(nodes: readonly NodeProto[]): number {
    let size = nodes.length
    for (const node of nodes) {
      const definition = this.called(node)
      if (definition !== null) size += this.#sizeOf(definition)
      for (const { g, graphs } of node.attribute)
        for (const graph of g === undefined ? graphs : [g, ...graphs]) size += this.#sizeOfNodes(graph.node)
    }
    return size
  }
}

const keyOf = (domain: string | undefined, name = '', overload = ''): string => `${domainOf(domain)}\u0000${name}\u0000${overload}`

/** What a call hands to a function: names, and attributes with the function's defaults filled in. */
export function callParts(definition: FunctionProto, node: NodeProto, scope: Scope, reference: string): CallParts {
  if (node.input.length > definition.input.length || node.output.length > definition.output.length) {
    const what = `The call of function '${definition.name}' has more inputs or outputs than the function`
    throw graphProblem('bad-call', what, { node: reference }, exportAgain)
  }
  const attributes = new Map<string, AttributeProto>()
  for (const attribute of definition.attributeDefaults) attributes.set(attribute.name ?? '', attribute)
  for (const attribute of attributesIn(scope, node)) attributes.set(attribute.name ?? '', attribute)
  return { definition, inputs: node.input, outputs: node.output, attributes }
}

/**
 * The attributes of a node with references to attributes of the surrounding call resolved. A reference to an attribute that the call
 * leaves out leaves it out here too.
 */
export function attributesIn(scope: Scope, node: NodeProto): readonly AttributeProto[] {
  if (scope.call === null) return node.attribute
  const { attributes } = scope.call
  return node.attribute.flatMap((attribute) => {
    if (attribute.refName === undefined || attribute.refName === '') return [attribute]
    const given = attributes.get(attribute.refName)
    return given === undefined ? [] : [{ ...given, name: attribute.name ?? '' }]
  })
}
