/**
 * Sizes of the blobs that this process wrote, or found to be what their names say: these are not hashed again at each use. Bounded,
 * because a desktop's engine lives for weeks; what was forgotten is looked at once more.
 */
export class Believed {
  readonly #sizes = new Map<string, number>()
  readonly #most: number

  constructor(most = 2 ** 16) {
    this.#most = most
  }

  /** Whether the blob at the path was looked at, and had this many bytes. */
  has(path: string, size: number): boolean {
    return this.#sizes.get(path) === size
  }

  /** From now on the blob at the path is believed at this many bytes; what was looked at longest ago may be forgotten for it. */
  add(path: string, size: number): void {
    this.#sizes.delete(path)
    this.#sizes.set(path, size)
    if (this.#sizes.size <= this.#most) return
    const [oldest] = this.#sizes.keys()
    if (oldest !== undefined) this.#sizes.delete(oldest)
  }
}
