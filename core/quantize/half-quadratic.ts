import { halfToNumber, numberToHalf } from '../ir/numbers.ts'
import type { BlockBits, BlockGrid } from './block-grid.ts'

const norm = 0.7
const rounds = 20
const firstStrength = 10
const growth = 1.01
/** Adding and taking away leaves a whole number, faster than Math.round. */
const toWhole = 1.5 * 2 ** 52

export interface Block {
  readonly weights: Float32Array
  readonly from: number
  readonly count: number
}

/**
 * Half-quadratic quantization (Badri and Shaji 2023): the scale spans the range of the block, and the zero point, a real number, is moved
 * until the p-norm (p = 0.7) of the errors is small: large errors of few weights are borne where many others gain. Alternates the proximal
 * step of that norm on the errors and the mean that then remains for the zero point; what has the least mean error on the way is taken.
 * @param half whether what the zero point adds to a weight is stored in float16: it is then the zero point of that number
 * @returns the start's grid where nothing on the way errs less
 */
export function halfQuadratic(block: Block, start: BlockGrid, { bits, half }: { bits: BlockBits; half: boolean }): BlockGrid {
  const scale = spanOf(block) / (2 ** bits - 1)
  const stored = (grid: BlockGrid) => (half ? { scale: grid.scale, zero: asStored(grid, bits) } : grid)
  if (!(Math.fround(scale) > 0)) return stored(start)
  const solver = new Solver(block, Math.fround(scale), bits)
  let best = start.zero
  let least = meanError(block, start, bits)
  let found = false
  let zero = -lowestOf(block) / solver.scale
  let strength = firstStrength
  for (let round = 0; round < rounds; round++) {
    const { error, next } = solver.step(zero, strength)
    if (error < least) {
      least = error
      best = zero
      found = true
    } else if (found) break
    zero = next
    strength *= growth
  }
  return stored(found ? { scale: solver.scale, zero: best } : start)
}

/** What the zero point adds to each weight of a block whose codes are read around the middle one. */
export const shiftOf = ({ scale, zero }: BlockGrid, bits: BlockBits): number => scale * (2 ** (bits - 1) - zero)

const asStored = (grid: BlockGrid, bits: BlockBits): number =>
  2 ** (bits - 1) - halfToNumber(numberToHalf(shiftOf(grid, bits))) / grid.scale

function lowestOf({ weights, from, count }: Block): number {
  let low = Number.POSITIVE_INFINITY
  for (let i = from; i < from + count; i++) if (weights[i]! < low) low = weights[i]!
  return low
}

function spanOf({ weights, from, count }: Block): number {
  let high = Number.NEGATIVE_INFINITY
  for (let i = from; i < from + count; i++) if (weights[i]! > high) high = weights[i]!
  return high - lowestOf({ weights, from, count })
}

function meanError({ weights, from, count }: Block, { scale, zero }: BlockGrid, bits: BlockBits): number {
  const last = 2 ** bits - 1
  let sum = 0
  for (let i = from; i < from + count; i++) {
    const code = Math.max(0, Math.min(last, Math.round(weights[i]! / scale + zero)))
    sum += Math.abs(weights[i]! - scale * (code - zero))
  }
  return sum / count
}

/** One round at a time, for one block; the scale stays. */
class Solver {
  readonly #block: Block
  readonly scale: number
  readonly #last: number

  constructor(block: Block, scale: number, bits: BlockBits) {
    this.#block = block
    this.scale = scale
    this.#last = 2 ** bits - 1
  }

  /** The mean error with a zero point, and the zero point that follows from its errors. */
  step(zero: number, strength: number): { error: number; next: number } {
    const { weights, from, count } = this.#block
    const { scale } = this
    const last = this.#last
    const inverse = 1 / scale
    const kept = strength ** (1 / (norm - 2))
    let total = 0
    let sum = 0
    for (let i = from; i < from + count; i++) {
      const place = weights[i]! * inverse + zero
      // Half a step goes to the even code here: nothing is stored by this rounding.
      let code = place + toWhole - toWhole
      if (code < 0) code = 0
      else if (code > last) code = last
      const steps = place - code
      const error = steps * scale
      const size = error < 0 ? -error : error
      total += size
      sum -= steps
      // The power is dear, and smaller errors shrink to nothing: of weights in hundredths all do, and the mean error is what is taken away.
      if (size > kept) sum += (size - size ** (norm - 1) / strength) * (error < 0 ? -1 : 1) * inverse
    }
    return { error: total / count, next: zero + sum / count }
  }
}
