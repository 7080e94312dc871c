import type { Dim } from '../ir/value.ts'
import { divideDims, multiplyDims, sameDim } from '../shapes/dim.ts'

/**
 * An axis of the model, whichever values it runs through: "the batch", "the 64 channels of this convolution". It is born where a value comes from
 * outside (inputs, constants, what the analysis does not follow), and carried by operators. Once a view takes it apart it is the product of its
 * `parts`, outermost first; once it meets another of the same size, both are one.
 */
export interface Axis {
  readonly size: Dim
  /** How it was born: along a value of its own, by repeating, or by joining others one behind the other. */
  readonly birth: Birth
}

export type Birth =
  | { readonly kind: 'own' }
  /** Every step along it holds the same: it comes from broadcasting. */
  | { readonly kind: 'repeated' }
  /** Its parts begin at these offsets. */
  | { readonly kind: 'joined'; readonly parts: readonly { readonly factors: Factors; readonly offset: Dim; readonly size: Dim }[] }
  /** It is `size` steps of another from `offset` on. */
  | { readonly kind: 'cut'; readonly from: Factors; readonly offset: Dim }

/** What one axis of a value is made of, outermost first: `[batch, heads]` where both are merged, nothing where its size is 1. */
export type Factors = readonly Axis[]

/** Which axes are one, and what they are the product of. */
export class Unions {
  readonly #one = new Map<Axis, Axis>()
  readonly #parts = new Map<Axis, Factors>()

  /** An axis of its own; none for a size of 1. */
  born(size: Dim, birth: Birth = { kind: 'own' }): Factors {
    return size === 1 ? [] : [{ size, birth }]
  }

  /** Factors as far apart as views have taken them. */
  resolved(factors: Factors): Factors {
    return factors.flatMap((axis) => {
      const root = this.#root(axis)
      const parts = this.#parts.get(root)
      return parts === undefined ? [root] : this.resolved(parts)
    })
  }

  same(a: Factors, b: Factors): boolean {
    const [x, y] = [this.resolved(a), this.resolved(b)]
    return x.length === y.length && x.every((axis, i) => axis === y[i])
  }

  /** Makes two lists of factors of equal size one, taking apart what the other has in parts. Returns whether it could. */
  unite(a: Factors, b: Factors): boolean {
    const [left, right] = [[...this.resolved(a)], [...this.resolved(b)]]
    while (left.length > 0 && right.length > 0) {
      const [x, y] = [left.shift() as Axis, right.shift() as Axis]
      if (x === y) continue
      if (sameDim(x.size, y.size)) this.#join(x, y)
      else if (!this.#divide(x, y, left) && !this.#divide(y, x, right)) return false
    }
    return left.length === 0 && right.length === 0
  }

  /** Makes two axes one that an operator wants to be of the same size, also where they have different names for it. */
  equate(a: Factors, b: Factors): void {
    const [[x, ...more], [y, ...others]] = [this.resolved(a), this.resolved(b)] as const
    const named = typeof x?.size === 'string' && typeof y?.size === 'string' && more.length + others.length === 0
    if (named && x !== y) this.#join(x, y)
    else this.unite(a, b)
  }

  /** Takes the outermost `size` off a list of factors, splitting one where needed; `null` when its borders do not fall there. */
  take(factors: readonly Axis[], size: Dim): { readonly taken: Factors; readonly left: Factors } | null {
    const left = [...this.resolved(factors)]
    const taken: Axis[] = []
    let open = size
    while (open !== 1) {
      const next = left.shift()
      if (next === undefined || open === null) return null
      const rest = quotient(open, next.size)
      if (rest !== null) {
        taken.push(next)
        open = rest
        continue
      }
      const inner = quotient(next.size, open)
      if (inner === null) return null
      const birth: Birth = next.birth.kind === 'repeated' ? next.birth : { kind: 'own' }
      const parts = [...this.born(open, birth), ...this.born(inner, birth)]
      this.#parts.set(next, parts)
      taken.push(parts[0] as Axis)
      left.unshift(...parts.slice(1))
      open = 1
    }
    return { taken, left }
  }

  /** Splits `whole` into `outer` and what is left of it, which goes back to the front of `rest`. */
  #divide(whole: Axis, outer: Axis, rest: Axis[]): boolean {
    const size = quotient(whole.size, outer.size)
    if (size === null) return false
    const inner = this.born(size)
    this.#parts.set(whole, [outer, ...inner])
    rest.unshift(...inner)
    return true
  }

  /** An axis that only repeats becomes the one that it meets. */
  #join(a: Axis, b: Axis): void {
    if (a.birth.kind === 'repeated' || (a.birth.kind === 'own' && b.birth.kind !== 'repeated')) this.#one.set(a, b)
    else this.#one.set(b, a)
  }

  #root(axis: Axis): Axis {
    let root = axis
    for (let next = this.#one.get(root); next !== undefined; next = this.#one.get(root)) root = next
    return root
  }
}

/** `a / b` where it comes out even. */
function quotient(a: Dim, b: Dim): Dim {
  if (a === null || b === null) return null
  const size = divideDims(a, b)
  return sameDim(multiplyDims(size, b), a) ? size : null
}
