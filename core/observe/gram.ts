import { type Numbers, numbersIn } from './elements.ts'
import type { Algebra, Reducer, TensorData } from './reducer.ts'

export interface GramOptions {
  /** Rows to take in at most; all unless given. */
  readonly rows?: number
}

export interface Gram {
  /** Columns of X: the length of the value's last axis. */
  readonly size: number
  /** Rows of X that went in. */
  readonly rows: number
  /** X^T X, row-major, symmetric. */
  readonly matrix: Float64Array
  /** Sum of each column of X. */
  readonly sums: Float64Array
}

interface State {
  readonly limit: number
  size: number
  rows: number
  matrix: Float64Array
  sums: Float64Array
}

/** X^T X of a value seen as a matrix whose columns are its last axis: the second moments that weight rounding (GPTQ) goes by. */
export const gram: Reducer<GramOptions, State, Gram> = {
  id: 'gram',
  start: ({ rows = Number.POSITIVE_INFINITY }) => ({
    limit: rows,
    size: 0,
    rows: 0,
    matrix: new Float64Array(0),
    sums: new Float64Array(0),
  }),
  add(state, [value]) {
    const { numbers, rows } = rowsOf(state, value as TensorData)
    for (let row = 0; row < rows; row += together) addRows(state, numbers, row, Math.min(together, rows - row))
    state.rows += rows
    return state
  },
  async addWith(state, [value], algebra) {
    const { numbers, rows } = rowsOf(state, value as TensorData)
    const { size } = state
    const block = Math.max(1, Math.floor(blockElements / size))
    for (let row = 0; row < rows; row += block) {
      await addBlock(state, Float32Array.from(numbers.subarray(row * size, Math.min(rows, row + block) * size)), algebra)
    }
    state.rows += rows
    return state
  },
  finish({ size, rows, matrix, sums }) {
    for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) matrix[i * size + j] = matrix[j * size + i] as number
    return { size, rows, matrix, sums }
  },
}

/** The rows of a batch that still go in; the first batch tells how wide they are. */
function rowsOf(state: State, tensor: TensorData): { readonly numbers: Numbers; readonly rows: number } {
  const size = tensor.dims.at(-1) ?? 1
  if (state.size === 0) Object.assign(state, { size, matrix: new Float64Array(size * size), sums: new Float64Array(size) })
  const numbers = numbersIn(tensor)
  return { numbers, rows: Math.min(size === 0 ? 0 : numbers.length / size, state.limit - state.rows) }
}

/** Products of at most so many elements are summed in float32; the sums of those in float64. */
const blockElements = 2 ** 20

async function addBlock({ size, matrix, sums }: State, block: Float32Array, algebra: Algebra): Promise<void> {
  const product = await algebra.gram(block, size)
  for (let i = 0; i < product.length; i++) matrix[i] = (matrix[i] as number) + (product[i] as number)
  for (let i = 0; i < block.length; i++) sums[i % size] = (sums[i % size] as number) + (block[i] as number)
}

/** Rows taken in at once: each pass over the matrix, which is larger than any cache, then does that much more work. */
const together = 4

/** Adds the outer products of some rows to the upper triangle. Missing rows count as zeros. */
function addRows({ size, matrix, sums }: State, numbers: Numbers, first: number, count: number): void {
  const block = new Float64Array(together * size)
  for (let i = 0; i < count * size; i++) block[i] = numbers[first * size + i] as number
  const [r0, r1, r2, r3] = [0, 1, 2, 3].map((row) => block.subarray(row * size, (row + 1) * size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < size; i++) {
    const [a, b, c, d] = [r0[i] as number, r1[i] as number, r2[i] as number, r3[i] as number]
    sums[i] = (sums[i] as number) + a + b + c + d
    // Columns after a ReLU are often empty.
    if (a === 0 && b === 0 && c === 0 && d === 0) continue
    const base = i * size
    for (let j = i; j < size; j++) {
      matrix[base + j] =
        (matrix[base + j] as number) + a * (r0[j] as number) + b * (r1[j] as number) + c * (r2[j] as number) + d * (r3[j] as number)
    }
  }
}
