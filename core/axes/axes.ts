import type { Graph } from '../ir/graph.ts'
import type { Dim, Node, Value } from '../ir/value.ts'
import { sameDim } from '../shapes/dim.ts'
import { shapeOf } from '../shapes/shape-facts.ts'
import { type Factors, Unions } from './axis.ts'
import { carriers } from './carriers.ts'

/**
 * Which axis of which value is which: through the factors of views, permutations, broadcasting, products, and the offsets of what is joined or cut.
 * Shapes must be inferred. Cost: about linear in the number of nodes followed.
 */
export class Axes {
  readonly unions = new Unions()
  readonly #of = new Map<Value, readonly Factors[]>()

  /** The factors of each axis of a value; `null` when not even their number is known. */
  of(value: Value): readonly Factors[] | null {
    const known = this.#factors(value)
    return known?.map((factors) => this.unions.resolved(factors)) ?? null
  }

  /** Whether two axes of values are one and the same, all of it. Axes of size 1 are the same as any other of size 1. */
  same(a: { readonly value: Value; readonly axis: number }, b: { readonly value: Value; readonly axis: number }): boolean {
    const [x, y] = [a, b].map(({ value, axis }) => this.#factors(value)?.at(axis))
    return x !== undefined && y !== undefined && this.unions.same(x, y)
  }

  /** Makes two axes of values one, where their sizes allow it. Returns whether they did. */
  unite(a: { readonly value: Value; readonly axis: number }, b: { readonly value: Value; readonly axis: number }): boolean {
    const [x, y] = [a, b].map(({ value, axis }) => this.#factors(value)?.at(axis))
    return x !== undefined && y !== undefined && this.unions.unite(x, y)
  }

  /** Carries axes through a node. Values that no followed node computes are born with axes of their own. */
  follow(node: Node): void {
    const carry = node.domain === '' || node.domain === 'com.microsoft' || node.domain === 'lathe' ? carriers[node.opType] : undefined
    const given = node.inputs.map((input) => (input === null ? null : this.#factors(input)))
    const outputs = carry?.({ node, given, unions: this.unions }) ?? []
    node.outputs.forEach((output, i) => {
      const shape = shapeOf(output)
      const carried = outputs[i] ?? null
      if (output.name === '' || shape === null) return
      this.#of.set(output, this.#fitting(carried, shape))
    })
  }

  /** What an operator carried, where it agrees with the inferred sizes; axes of their own elsewhere. */
  #fitting(carried: readonly (Factors | null)[] | null, shape: readonly Dim[]): readonly Factors[] {
    return shape.map((size, axis) => {
      const factors = carried?.length === shape.length ? (carried[axis] ?? null) : null
      const single = factors?.length === 1 ? factors[0]?.size : undefined
      const disagrees =
        factors === null ||
        (size === 1) !== (factors.length === 0) ||
        (single !== undefined && size !== null && !sameDim(single ?? null, size))
      return disagrees ? this.unions.born(size) : factors
    })
  }

  #factors(value: Value): readonly Factors[] | null {
    const known = this.#of.get(value)
    if (known !== undefined) return known
    const shape = shapeOf(value)
    if (shape === null) return null
    const born = shape.map((size) => this.unions.born(size))
    this.#of.set(value, born)
    return born
  }
}

/** The axes of all values of a graph (not of its subgraphs). */
export function axesOf(graph: Graph): Axes {
  const axes = new Axes()
  for (const node of graph.nodes) axes.follow(node)
  return axes
}
