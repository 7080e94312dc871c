/**
 * The upper triangular R with R^T R = (H + damping)^-1, which says how to make up for the rounding of one weight in the weights after it.
 * From the Cholesky factor L of the reversed matrix, R is the reversed inverse of L: no inverse of H is formed.
 * @param gram X^T X, [size, size]; columns of X that are always 0 get 1 on the diagonal
 * @param damping share of the mean diagonal that is added to it
 * @returns [size, size], row-major
 * @throws NotDefinite
 */
export function inverseFactor(gram: Float32Array, size: number, damping: number): Float32Array {
  const factor = damped(gram, size, damping)
  choleskyInPlace(factor, size)
  return upperFrom(inverseColumns(factor, size), size)
}

/** The lower triangle of the reversed, damped matrix. */
export function damped(gram: ArrayLike<number>, size: number, damping: number): Float32Array {
  let trace = 0
  for (let i = 0; i < size; i++) trace += gram[i * size + i]!
  const added = (damping * trace) / size || 1
  const matrix = new Float32Array(size * size)
  for (let i = 0; i < size; i++) {
    const from = (size - 1 - i) * size
    for (let j = 0; j <= i; j++) matrix[i * size + j] = gram[from + size - 1 - j]!
    matrix[i * size + i] = (gram[from + size - 1 - i]! || 1) + added
  }
  return matrix
}

/** Second moments of fewer directions than there are columns, and too little damping to make up for that in single precision. */
export class NotDefinite extends RangeError {
  constructor() {
    super('the second moments are not positive definite: raise the damping')
  }
}

/** Sums of products of rows i to i + 3 of `a` with row j of `b` over [from, to): each element of `b` is loaded once for four rows. */
interface Dots {
  readonly a: Float32Array
  readonly b: Float32Array
  readonly size: number
  readonly sums: Float64Array
}

function fourDots({ a, b, size, sums }: Dots, rows: { i: number; j: number }, from: number, to: number): void {
  const { i, j } = rows
  let [first, second, third, fourth] = [0, 0, 0, 0]
  const r0 = i * size
  const r1 = r0 + size
  const r2 = r1 + size
  const r3 = r2 + size
  const column = j * size
  for (let k = from; k < to; k++) {
    const factor = b[column + k]!
    first += a[r0 + k]! * factor
    second += a[r1 + k]! * factor
    third += a[r2 + k]! * factor
    fourth += a[r3 + k]! * factor
  }
  sums[0] = first
  sums[1] = second
  sums[2] = third
  sums[3] = fourth
}

/** The lower triangle becomes its Cholesky factor, row by row; four rows share a pass over the rows before them. */
export function choleskyInPlace(matrix: Float32Array, size: number): void {
  const dots: Dots = { a: matrix, b: matrix, size, sums: new Float64Array(4) }
  const rows = { i: 0, j: 0 }
  for (let i = 0; i < size; i += 4) {
    const count = Math.min(4, size - i)
    rows.i = i
    for (let j = 0; j < (count === 4 ? i : 0); j++) {
      rows.j = j
      fourDots(dots, rows, 0, j)
      for (let r = 0; r < 4; r++) {
        const at = (i + r) * size + j
        matrix[at] = (matrix[at]! - dots.sums[r]!) / matrix[j * size + j]!
      }
    }
    for (let r = 0; r < count; r++) finishRow(matrix, size, { row: i + r, from: count === 4 ? i : 0 })
  }
}

function finishRow(matrix: Float32Array, size: number, { row, from }: { row: number; from: number }): void {
  for (let j = from; j <= row; j++) {
    let sum = matrix[row * size + j]!
    for (let k = 0; k < j; k++) sum -= matrix[row * size + k]! * matrix[j * size + k]!
    if (j < row) matrix[row * size + j] = sum / matrix[j * size + j]!
    else if (sum > 0) matrix[row * size + j] = Math.sqrt(sum)
    else throw new NotDefinite()
  }
}

/** The inverse of a lower factor, by columns, so that its sums run along memory: element [c, r] is row r and column c of the inverse. */
function inverseColumns(factor: Float32Array, size: number): Float32Array {
  const columns = new Float32Array(size * size)
  const dots: Dots = { a: factor, b: columns, size, sums: new Float64Array(4) }
  const rows = { i: 0, j: 0 }
  for (let i = 0; i < size; i += 4) {
    const count = Math.min(4, size - i)
    rows.i = i
    for (let j = 0; j < i + count; j++) {
      rows.j = j
      dots.sums.fill(0)
      if (count === 4 && j < i) fourDots(dots, rows, j, i)
      for (let r = 0; r < count; r++)
        if (j <= i + r) inverseElement(factor, columns, { size, row: i + r, j, done: count === 4 ? i : j, sum: dots.sums[r]! })
    }
  }
  return columns
}

/** The inverse of a lower factor, by rows. */
export function inverseOf(factor: Float32Array, size: number): Float32Array {
  const columns = inverseColumns(factor, size)
  const inverse = new Float32Array(size * size)
  for (let r = 0; r < size; r++) for (let c = 0; c <= r; c++) inverse[r * size + c] = columns[c * size + r]!
  return inverse
}

/** Rows and columns of an inverse, given by columns, in reverse order: upper triangular. */
export function upperFrom(columns: Float32Array, size: number): Float32Array {
  const result = new Float32Array(size * size)
  for (let i = 0; i < size; i++) for (let j = i; j < size; j++) result[i * size + j] = columns[(size - 1 - j) * size + size - 1 - i]!
  return result
}

interface Element {
  readonly size: number
  readonly row: number
  readonly j: number
  /** Products up to here are in `sum` already. */
  readonly done: number
  readonly sum: number
}

function inverseElement(factor: Float32Array, columns: Float32Array, { size, row, j, done, sum }: Element): void {
  const diagonal = factor[row * size + row]!
  let total = sum
  for (let k = Math.max(done, j); k < row; k++) total += factor[row * size + k]! * columns[j * size + k]!
  columns[j * size + row] = row === j ? 1 / diagonal : -total / diagonal
}
