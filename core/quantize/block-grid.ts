/** Stored widths of block-wise weights that ONNX Runtime has kernels for. */
export const blockBits = [2, 4, 8] as const
export type BlockBits = (typeof blockBits)[number]

export const levelSets = ['uniform', 'ternary', 'binary'] as const
/** Which codes of the width are used: all of them, -1, 0 and 1, or -1 and 1. */
export type Levels = (typeof levelSets)[number]

export interface BlockGridOptions {
  readonly bits: BlockBits
  /** The zero point is the middle code; otherwise each block has its own. */
  readonly symmetric: boolean
  readonly levels: Levels
}

/** Real = scale * (code - zero), codes 0 to 2^bits - 1. The zero point is a code, or with half-quadratic quantization any real number. */
export interface BlockGrid {
  scale: number
  zero: number
}

/** The scale of a block of zeros: the kernels' sums of codes leave traces, which must stay nothing. */
const nothing = 2 ** -100

/** Chooses the grid of one block of weights and rounds to it. One fitter serves many blocks: it keeps its arrays. */
export class BlockFitter {
  readonly #options: BlockGridOptions
  readonly #last: number
  readonly #middle: number
  readonly #grid: BlockGrid = { scale: 1, zero: 0 }

  constructor(options: BlockGridOptions) {
    this.#options = options
    this.#last = 2 ** options.bits - 1
    this.#middle = 2 ** (options.bits - 1)
  }

  /**
   * The grid for `count` weights from `from`; valid until the next call. It covers their whole range: clipping the largest ones would lessen
   * the squared error of the weights, but on trained models it made the results worse.
   */
  fit(weights: Float32Array, from: number, count: number): BlockGrid {
    const { levels, symmetric } = this.#options
    if (levels !== 'uniform') return this.#fitSigns(weights, from, count)
    let low = 0
    let high = 0
    for (let i = from; i < from + count; i++) {
      const weight = weights[i]!
      if (weight < low) low = weight
      if (weight > high) high = weight
    }
    if (symmetric) this.#symmetricGrid(low, high)
    else this.#asymmetricGrid(low, high)
    return this.#grid
  }

  /** The code of a weight on a grid. */
  code(weight: number, { scale, zero }: BlockGrid): number {
    const { levels } = this.#options
    if (levels === 'binary') return weight < 0 ? zero - 1 : zero + 1
    const [first, last] = levels === 'ternary' ? [zero - 1, zero + 1] : [0, this.#last]
    const code = Math.round(weight / scale + zero)
    return Math.max(first, Math.min(last, code))
  }

  /** The end with the larger magnitude lies on the code that has no opposite, so that all codes are of use. */
  #symmetricGrid(low: number, high: number): void {
    const end = high > -low ? high : low
    this.#set(end / -this.#middle, this.#middle)
  }

  #asymmetricGrid(low: number, high: number): void {
    const scale = (high - low) / this.#last
    this.#set(scale, scale === 0 ? this.#middle : Math.max(0, Math.min(this.#last, Math.round(-low / scale))))
  }

  #set(scale: number, zero: number): void {
    const rounded = Math.fround(scale)
    this.#grid.scale = rounded === 0 ? nothing : rounded
    this.#grid.zero = zero
  }

  /** Ternary weight networks (Li et al. 2016): what lies under 0.7 times the mean magnitude is 0. Binary ones have the mean as their only size. */
  #fitSigns(weights: Float32Array, from: number, count: number): BlockGrid {
    let total = 0
    for (let i = from; i < from + count; i++) total += Math.abs(weights[i]!)
    const threshold = this.#options.levels === 'ternary' ? (0.7 * total) / count : 0
    let sum = 0
    let above = 0
    for (let i = from; i < from + count; i++) {
      const size = Math.abs(weights[i]!)
      if (size <= threshold) continue
      sum += size
      above++
    }
    // Rounding to the nearest of -scale, 0 and scale zeroes everything under half a scale, which is about that threshold.
    this.#grid.scale = above === 0 ? nothing : Math.fround(sum / above)
    this.#grid.zero = this.#middle
    return this.#grid
  }
}
