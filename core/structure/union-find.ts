/** Groups of whole numbers below `count` that grow together; the least of a group stands for it. */
export class UnionFind {
  readonly #parents: number[]

  constructor(count: number) {
    this.#parents = Array.from({ length: count }, (_, i) => i)
  }

  /** The least member of a group; -1, which stands for nothing, is its own. */
  root(index: number): number {
    let root = index
    while (root >= 0 && this.#parents[root] !== root) root = this.#parents[root] as number
    if (root >= 0) this.#parents[index] = root
    return root
  }

  join(a: number, b: number): void {
    const [low, high] = [Math.min(this.root(a), this.root(b)), Math.max(this.root(a), this.root(b))]
    this.#parents[high] = low
  }
}
