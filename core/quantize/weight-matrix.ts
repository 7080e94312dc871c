/** A constant operand as the kernel sees it: `channels` independent sums of `depth` products each. */
export interface WeightMatrix {
  readonly values: Float32Array
  /** Output channels: each may have a scale of its own. */
  readonly channels: number
  /** Products in the sum of one channel. */
  readonly depth: number
  /** `columns`: [depth, channels] as MatMul stores it; `rows`: [channels, depth] as Conv and Gemm with transB store it. */
  readonly layout: 'columns' | 'rows'
  /** Positions within one channel in the order in which the kernel takes them; as they are stored unless given. */
  readonly order?: Uint32Array
}

/**
 * The order in which ONNX Runtime's x64 kernels sum the products of one output channel of a convolution whose weights are stored as
 * [output, input / group, ...kernel]: kernel positions outermost, input channels innermost (its im2col is channels-last). Found by probing
 * every pair of positions with saturating products; grouped convolutions keep to it too, and the depthwise kernel does not pair at all.
 * @param inputs input channels of one group
 * @param positions product of the kernel's extents
 */
export function convolutionOrder(inputs: number, positions: number): Uint32Array {
  const order = new Uint32Array(inputs * positions)
  for (let position = 0, at = 0; position < positions; position++) {
    for (let input = 0; input < inputs; input++) order[at++] = input * positions + position
  }
  return order
}

/** One stretch of a walk: the pairs (k, k + 1) of the channels [start, end). Reused from stretch to stretch. */
export interface PairLine {
  start: number
  end: number
  /** Where the first and the second element of the first channel's pair lie; `step` further on, those of the next channel. */
  first: number
  second: number
  step: number
  /** 0 where the depth is odd and the second element only stands for the padding (it is then the first one again), else 1. */
  paired: number
}

/**
 * Visits all pairs in stretches of many channels, in either layout along the cache lines. The visitor holds the inner loop: a function that
 * is called often is compiled for its types, which a loop that is entered once is not (five times slower).
 */
export function walkPairs({ channels, depth, layout, order }: WeightMatrix, visit: (line: PairLine) => void): void {
  const columns = layout === 'columns'
  const stride = columns ? channels : 1
  const block = columns ? channels : 16
  const line: PairLine = { start: 0, end: 0, first: 0, second: 0, step: columns ? 1 : depth, paired: 1 }
  for (let start = 0; start < channels; start += block) {
    line.start = start
    line.end = Math.min(start + block, channels)
    for (let k = 0; k < depth; k += 2) {
      line.paired = k + 1 < depth ? 1 : 0
      const next = k + line.paired
      line.first = (order === undefined ? k : order[k]!) * stride + start * line.step
      line.second = (order === undefined ? next : order[next]!) * stride + start * line.step
      visit(line)
    }
  }
}

/** What neighbouring products of each channel can add up to. Arrays have one element a channel. */
export interface ChannelExtents {
  /** Largest magnitude. */
  readonly magnitude: Float32Array
  /** Largest magnitude of the sum of one pair; of opposite signs they relieve each other, and neither alone can saturate. */
  readonly pair: Float32Array
  /** Whether every value is a finite number. */
  readonly finite: boolean
}

/** Magnitudes and pair sums of all channels, in one pass over the values. */
export function extentsOf(matrix: WeightMatrix): ChannelExtents {
  const { values, channels } = matrix
  const magnitude = new Float32Array(channels)
  const pair = new Float32Array(channels)
  let finite = true
  walkPairs(matrix, ({ start, end, first, second, step, paired }) => {
    let total = 0
    for (let n = start, i = first, j = second; n < end; n++, i += step, j += step) {
      const a = values[i]!
      const b = values[j]! * paired
      // No choice by sign: signs of weights are as good as random, and a mispredicted branch costs ten times the sum.
      const sizeA = Math.abs(a)
      const sizeB = Math.abs(b)
      const sum = Math.abs(a + b)
      if (sizeA > magnitude[n]!) magnitude[n] = sizeA
      if (sizeB > magnitude[n]!) magnitude[n] = sizeB
      if (sum > pair[n]!) pair[n] = sum
      total += sum
    }
    if (!Number.isFinite(total)) finite = false
  })
  return { magnitude, pair, finite }
}

/** A [rows, columns] array as [columns, rows], in tiles that stay in the cache. */
export function transposed<T extends Int8Array | Uint8Array>(values: T, rows: number, columns: number): T {
  const result = values.slice() as T
  for (let top = 0; top < rows; top += tile) {
    for (let left = 0; left < columns; left += tile) transposeTile({ from: values, to: result, rows, columns }, top, left)
  }
  return result
}

const tile = 64

interface Transposition {
  readonly from: Int8Array | Uint8Array
  readonly to: Int8Array | Uint8Array
  readonly rows: number
  readonly columns: number
}

function transposeTile({ from, to, rows, columns }: Transposition, top: number, left: number): void {
  const bottom = Math.min(top + tile, rows)
  const right = Math.min(left + tile, columns)
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) to[column * rows + row] = from[row * columns + column]!
  }
}
