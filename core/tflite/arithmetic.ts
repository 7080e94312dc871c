import type { DType } from '../ir/dtype.ts'
import type { Fields } from './codec.ts'
import type { Conversion } from './conversion.ts'
import type { Builtin } from './operators.ts'

/** Operators written as calls on tensors of the file: dims and element types of results follow from the inputs. */
export class Arithmetic {
  readonly #to: Conversion

  constructor(to: Conversion) {
    this.#to = to
  }

  dims(tensor: number): readonly number[] {
    return this.#to.tensorAt(tensor).shape
  }

  dtype(tensor: number): DType {
    return this.#to.tensorAt(tensor).dtype
  }

  /** A constant of the type of `like`. */
  scalar(value: number, like: number): number {
    return this.dtype(like) === 'float32' ? this.#to.floats([value]) : this.#to.ints([value], [])
  }

  unary(operator: Builtin, x: number, options: Fields = {}): number {
    return this.#to.emit(operator, { inputs: [x], dims: this.dims(x), dtype: this.dtype(x), options })
  }

  /** Two inputs with broadcasting; a plain number is a constant of the other's type. */
  binary(operator: Builtin, x: number, y: number): number {
    return this.#to.emit(operator, { inputs: [x, y], dims: broadcast(this.dims(x), this.dims(y)), dtype: this.dtype(x) })
  }

  /** x op c. */
  with(operator: Builtin, x: number, c: number): number {
    return this.binary(operator, x, this.scalar(c, x))
  }

  /** A comparison, element by element. */
  compare(operator: Builtin, x: number, y: number): number {
    return this.#to.emit(operator, { inputs: [x, y], dims: broadcast(this.dims(x), this.dims(y)), dtype: 'bool' })
  }

  select(condition: number, x: number, y: number): number {
    const dims = broadcast(this.dims(condition), broadcast(this.dims(x), this.dims(y)))
    return this.#to.emit('SELECT_V2', { inputs: [condition, x, y], dims, dtype: this.dtype(x) })
  }

  cast(x: number, dtype: DType): number {
    return this.dtype(x) === dtype ? x : this.#to.emit('CAST', { inputs: [x], dims: this.dims(x), dtype })
  }

  reduce(operator: Builtin, x: number, axes: readonly number[], keepDims = true): number {
    const dims = this.dims(x)
    const reduced = keepDims ? dims.map((dim, i) => (axes.includes(i) ? 1 : dim)) : dims.filter((_, i) => !axes.includes(i))
    return this.#to.emit(operator, { inputs: [x, this.#to.ints(axes)], dims: reduced, dtype: this.dtype(x), options: { keepDims } })
  }

  /** Matrix products over the last two axes. */
  product(x: number, y: number, { adjX = false, adjY = false }: { adjX?: boolean; adjY?: boolean } = {}): number {
    const [a, b] = [this.dims(x), this.dims(y)]
    const batch = broadcast(a.slice(0, -2), b.slice(0, -2))
    const dims = [...batch, a.at(adjX ? -1 : -2) as number, b.at(adjY ? -2 : -1) as number]
    return this.#to.emit('BATCH_MATMUL', { inputs: [x, y], dims, dtype: this.dtype(x), options: { adjX, adjY } })
  }

  softmax(x: number): number {
    return this.unary('SOFTMAX', x, { beta: 1 })
  }

  transpose(x: number, perm: readonly number[]): number {
    const dims = this.dims(x)
    if (perm.every((axis, i) => axis === i)) return x
    const moved = perm.map((axis) => dims[axis] as number)
    return this.#to.emit('TRANSPOSE', { inputs: [x, this.#to.ints(perm)], dims: moved, dtype: this.dtype(x) })
  }

  reshape(x: number, dims: readonly number[]): number {
    return this.#to.reshape(x, dims)
  }

  /** The elements [begin, end) along an axis. */
  slice(x: number, { axis, begin, end }: { axis: number; begin: number; end: number }): number {
    const dims = this.dims(x)
    const starts = dims.map((_, i) => (i === axis ? begin : 0))
    const sizes = dims.map((dim, i) => (i === axis ? end - begin : dim))
    return this.#to.emit('SLICE', { inputs: [x, this.#to.ints(starts), this.#to.ints(sizes)], dims: sizes, dtype: this.dtype(x) })
  }

  concat(tensors: readonly number[], axis: number): number {
    const [first = 0] = tensors
    if (tensors.length === 1) return first
    const size = tensors.reduce((sum, tensor) => sum + (this.dims(tensor)[axis] as number), 0)
    const dims = this.dims(first).map((dim, i) => (i === axis ? size : dim))
    return this.#to.emit('CONCATENATION', { inputs: tensors, dims, dtype: this.dtype(first), options: { axis } })
  }

  /** Zeros around a value: [before, after] for each axis. */
  pad(x: number, around: readonly (readonly [number, number])[]): number {
    const dims = this.dims(x).map((dim, i) => dim + (around[i]?.[0] ?? 0) + (around[i]?.[1] ?? 0))
    return this.#to.emit('PAD', { inputs: [x, this.#to.ints(around.flat(), [around.length, 2])], dims, dtype: this.dtype(x) })
  }

  reverse(x: number, axis: number): number {
    return this.#to.emit('REVERSE_V2', { inputs: [x, this.#to.ints([axis])], dims: this.dims(x), dtype: this.dtype(x) })
  }

  /** Elements of an axis by constant positions. */
  gather(x: number, positions: readonly number[], axis: number): number {
    const dims = this.dims(x).map((dim, i) => (i === axis ? positions.length : dim))
    return this.#to.emit('GATHER', { inputs: [x, this.#to.ints(positions)], dims, dtype: this.dtype(x), options: { axis } })
  }
}

/** Dims of a result that both broadcast to; -1 is a size known only at run time. */
function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length)
  const at = (dims: readonly number[], i: number): number => dims[i - (rank - dims.length)] ?? 1
  return Array.from({ length: rank }, (_, i) => (at(a, i) === 1 ? at(b, i) : at(a, i)))
}
