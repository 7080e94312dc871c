import { choleskyInPlace, damped, inverseOf, upperFrom } from './inverse-factor.ts'
import type { Matrix, Products } from './products.ts'

/** Rows and columns of one block: what is left to plain loops grows with it, what crosses to the runtime shrinks. */
const blockSize = 256

/**
 * `inverseFactor` for large matrices: the same factor, with all products of blocks left to the runtime. Only the blocks on the diagonal are
 * factored and inverted in plain loops.
 * @param gram X^T X, [size, size]
 * @returns [size, size], row-major
 */
export async function inverseFactorBlocked(
  gram: ArrayLike<number>,
  size: number,
  damping: number,
  products: Products,
): Promise<Float32Array> {
  const matrix = damped(gram, size, damping)
  const inverses = await factor(matrix, size, products)
  return upperFrom(await invert(matrix, size, inverses, products), size)
}

const starts = (size: number): number[] => Array.from({ length: Math.ceil(size / blockSize) }, (_, block) => block * blockSize)

/** The lower triangle becomes its Cholesky factor, panel by panel; gives back the inverses of the factor's diagonal blocks. */
async function factor(matrix: Float32Array, size: number, products: Products): Promise<Matrix[]> {
  const inverses: Matrix[] = []
  for (const from of starts(size)) {
    const count = Math.min(blockSize, size - from)
    const panel = part({ matrix, size }, { top: from, left: from, rows: size - from, columns: count })
    if (from > 0) {
      const before = part({ matrix, size }, { top: from, left: 0, rows: size - from, columns: from })
      const known = await products.transposed(before, { ...before, rows: count })
      for (let i = 0; i < known.length; i++) panel.values[i] = panel.values[i]! - known[i]!
    }
    const diagonal = panel.values.slice(0, count * count)
    choleskyInPlace(diagonal, count)
    const inverse = { values: inverseOf(diagonal, count), rows: count, columns: count }
    inverses.push(inverse)
    place({ matrix, size }, { top: from, left: from, rows: count, columns: count }, diagonal)
    const rows = size - from - count
    if (rows === 0) continue
    const rest = { values: panel.values.subarray(count * count), rows, columns: count }
    place({ matrix, size }, { top: from + count, left: from, rows, columns: count }, await products.transposed(rest, inverse))
  }
  return inverses
}

/** The inverse of a lower factor, by columns: element [c, r] is row r and column c of the inverse. */
async function invert(matrix: Float32Array, size: number, inverses: readonly Matrix[], products: Products): Promise<Float32Array> {
  const columns = new Float32Array(size * size)
  for (const [block, from] of starts(size).entries()) {
    const inverse = inverses[block] as Matrix
    const count = inverse.rows
    for (let r = 0; r < count; r++) for (let c = 0; c <= r; c++) columns[(from + c) * size + from + r] = inverse.values[r * count + c]!
    if (from === 0) continue
    const known = part({ matrix: columns, size }, { top: 0, left: 0, rows: from, columns: from })
    const row = part({ matrix, size }, { top: from, left: 0, rows: count, columns: from })
    const sums = { values: await products.transposed(known, row), rows: from, columns: count }
    const result = await products.transposed(sums, inverse)
    for (let i = 0; i < result.length; i++) result[i] = -result[i]!
    place({ matrix: columns, size }, { top: 0, left: from, rows: from, columns: count }, result)
  }
  return columns
}

interface Square {
  readonly matrix: Float32Array
  readonly size: number
}

interface Window {
  readonly top: number
  readonly left: number
  readonly rows: number
  readonly columns: number
}

function part({ matrix, size }: Square, { top, left, rows, columns }: Window): Matrix {
  const values = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const at = (top + row) * size + left
    values.set(matrix.subarray(at, at + columns), row * columns)
  }
  return { values, rows, columns }
}

function place({ matrix, size }: Square, { top, left, rows, columns }: Window, values: Float32Array): void {
  for (let row = 0; row < rows; row++) matrix.set(values.subarray(row * columns, (row + 1) * columns), (top + row) * size + left)
}
