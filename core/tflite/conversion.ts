import { bitsOf, type DType } from '../ir/dtype.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import type { Fields } from './codec.ts'
import { ConstantPool } from './constant-pool.ts'
import { storedData, storedType } from './element-types.ts'
import { withFewerAxes } from './fewer-axes.ts'
import type { TfliteFile, TfliteOperator, TfliteQuantization, TfliteTensor } from './file.ts'
import { between, isReshape, type Perm, permuteBytes, samePerm, store } from './layout.ts'
import type { Builtin } from './operators.ts'
import { dequantized, type QuantizedConstant, quantizedConstant } from './quantized.ts'
import { Unconvertible } from './unconvertible.ts'

/** Most axes of a tensor in the runtime's kernels. */
const mostAxes = 8

/** A value of the model as it stands in the file. */
export interface Placed {
  readonly tensor: number
  readonly perm: Perm
}

export interface EmitSpec {
  readonly inputs: readonly number[]
  /** Dims in stored order; -1 when known only at run time. */
  readonly dims: readonly number[]
  readonly dtype: DType
  readonly options?: Fields
  readonly name?: string
  readonly quantization?: TfliteQuantization | null
}

/** The file under construction: where each value of the model is, in which order of axes, and the operators so far. */
export class Conversion {
  readonly #tensors: TfliteTensor[] = []
  readonly #operators: TfliteOperator[] = []
  readonly #buffers: Uint8Array[] = [new Uint8Array(0)]
  readonly #placed = new Map<Value, Placed[]>()
  readonly #constants = new ConstantPool()
  readonly #dynamic = new Map<Value, readonly number[]>()
  readonly #twins = new Map<Value, Placed[]>()
  readonly #absorbed = new Set<Node>()
  /** Results of operators that were given no name: a value that turns out to lie there gives it its own. */
  readonly #unnamed = new Set<number>()
  #computing: TfliteQuantization | null = null

  /** Dims of a value in ONNX order, -1 for the one that is known only at run time. Throws when the rank or more is unknown. */
  dims(value: Value): readonly number[] {
    const known = this.#dynamic.get(value)
    if (known !== undefined) return known
    const type = value.type
    if (type?.kind !== 'tensor' || type.shape === null)
      throw new Unconvertible(`the shape of '${value.name}' is not known`, 'Fix the input shapes with freeze-shapes first.')
    const dims = type.shape.map((dim) => (typeof dim === 'number' ? dim : -1))
    if (dims.filter((dim) => dim < 0).length > 1) {
      throw new Unconvertible(
        `'${value.name}' has more than one dimension that is not known: [${type.shape.join(', ')}]`,
        'Fix the input shapes with freeze-shapes first.',
      )
    }
    this.#dynamic.set(value, dims)
    return dims
  }

  /** Element type of a value as stored: int64 and unsigned integers of more than 8 bits as int32, floats of 16 bits as float32, float64 is refused. */
  dtype(value: Value): DType {
    const dtype = value.type?.kind === 'tensor' ? value.type.dtype : (value.initializer?.ref.dtype ?? null)
    if (dtype === 'float32' && this.#computing !== null) return 'int8'
    if (dtype === null)
      throw new Unconvertible(`the element type of '${value.name}' is not known`, 'Run clean-up first, so that types are inferred.')
    return storedType(dtype, value.name)
  }

  /** The value in whatever order of axes it has; constants in ONNX order. */
  placed(value: Value): Placed {
    const place = this.#places(value)[0]
    if (place !== undefined) return place
    if (this.#computing === null && this.#twins.has(value)) return this.#dequantized(value)
    if (value.constant === null && quantizedConstant(value) === null)
      throw new Unconvertible(`'${value.name}' is read before it is computed`, 'This is a bug; please report it.')
    return { tensor: this.stored(value, null), perm: null }
  }

  /** The value in ONNX order. */
  plain(value: Value): number {
    return this.stored(value, null)
  }

  /** The value in a given order, through a Transpose (or a Reshape, when no element moves) where it is in another. */
  stored(value: Value, perm: Perm): number {
    const found = this.#places(value).find((place) => samePerm(place.perm, perm))
    if (found !== undefined) return found.tensor
    const tensor = this.#made(value, perm)
    this.#note(value, { tensor, perm })
    return tensor
  }

  #made(value: Value, perm: Perm): number {
    if (value.constant !== null) return this.#constantIn(value.constant, value.name, perm)
    const constant = quantizedConstant(value)
    if (constant !== null) return this.#dequantizedConstant(constant, value.name, perm)
    const place = this.placed(value)
    return samePerm(place.perm, perm) ? place.tensor : this.#moved(value, place, perm)
  }

  /** Records where a value is; while computing in 8 bits, where its 8-bit twin is. */
  put(value: Value, tensor: number, perm: Perm = null): void {
    if (this.#unnamed.delete(tensor) && value.name !== '') this.#tensors[tensor] = { ...this.tensorAt(tensor), name: value.name }
    const eightBit = this.tensorAt(tensor).dtype === 'int8' && floating(value)
    ;(eightBit ? this.#twins : this.#placed).set(value, [{ tensor, perm }])
  }

  /** Where the 8-bit form of a float value is, if it has one. */
  twin(value: Value): Placed | null {
    return this.#twins.get(value)?.[0] ?? null
  }

  quantizationOf(place: Placed): TfliteQuantization {
    return this.tensorAt(place.tensor).quantization as TfliteQuantization
  }

  /** Lowers something with the 8-bit twins of all float values; its outputs carry `quantization`. */
  inEightBits(quantization: TfliteQuantization, work: () => void): void {
    this.#computing = quantization
    try {
      work()
    } finally {
      this.#computing = null
    }
  }

  /** Whether float values are read and written as their 8-bit twins just now. */
  get computesInEightBits(): boolean {
    return this.#computing !== null
  }

  /** Notes that another operator does a node's work too, so that it is not lowered. */
  absorb(node: Node): void {
    this.#absorbed.add(node)
  }

  isAbsorbed(node: Node): boolean {
    return this.#absorbed.has(node)
  }

  #places(value: Value): readonly Placed[] {
    return (this.#computing !== null && floating(value) ? this.#twins : this.#placed).get(value) ?? []
  }

  #note(value: Value, place: Placed): void {
    const map = this.#computing !== null && floating(value) ? this.#twins : this.#placed
    map.set(value, [...(map.get(value) ?? []), place])
  }

  #dequantized(value: Value): Placed {
    const twin = this.twin(value) as Placed
    const { shape } = this.tensorAt(twin.tensor)
    const tensor = this.emit('DEQUANTIZE', { inputs: [twin.tensor], dims: shape, dtype: 'float32', name: value.name })
    const place = { tensor, perm: twin.perm }
    this.#placed.set(value, [place])
    return place
  }

  /** Weights stay in 8 bits in the file and are turned to float where they are read: the same numbers as in the model. */
  #dequantizedConstant(constant: QuantizedConstant, name: string, perm: Perm): number {
    const { data, dims, dtype, quantization } = constant
    // Biases in 32 bits: the runtime has no kernel for them, and as floats they are no larger.
    if (dtype === 'int32' && this.#computing === null) {
      const floats = new Uint8Array(dequantized(constant).buffer)
      const moved = perm === null ? floats : permuteBytes(floats, { dims, perm, width: 4 })
      return this.constant(moved, { name, dtype: 'float32', shape: store(dims, perm) })
    }
    const moved = perm === null ? data : permuteBytes(data, { dims, perm, width: dtype === 'int8' ? 1 : 4 })
    const axis = perm === null ? quantization.axis : perm.indexOf(quantization.axis)
    const shape = store(dims, perm)
    const stored = this.constant(moved, { name: `${name}/stored`, dtype, shape, quantization: { ...quantization, axis } })
    if (this.#computing !== null) return stored
    return this.emit('DEQUANTIZE', { inputs: [stored], dims: shape, dtype: 'float32', name })
  }

  /** Adds a tensor without data: an input, or the output of an operator. */
  tensor(spec: Omit<TfliteTensor, 'buffer' | 'quantization'> & { readonly quantization?: TfliteQuantization | null }): number {
    if (spec.shape.length > mostAxes)
      throw new Unconvertible(
        `'${spec.name}' has ${spec.shape.length} axes, the runtime takes at most ${mostAxes}`,
        'Reshape to fewer axes first.',
      )
    return this.#tensors.push({ buffer: 0, quantization: null, ...spec }) - 1
  }

  tensorAt(index: number): TfliteTensor {
    return this.#tensors[index] as TfliteTensor
  }

  /** Says what the numbers of a tensor stand for. */
  quantize(index: number, quantization: TfliteQuantization): void {
    this.#tensors[index] = { ...this.tensorAt(index), quantization }
  }

  rename(index: number, name: string): void {
    this.#tensors[index] = { ...this.tensorAt(index), name }
  }

  /** Adds a constant; equal bytes, type and shape are stored once. */
  constant(
    data: Uint8Array,
    spec: Omit<TfliteTensor, 'buffer' | 'quantization'> & { readonly quantization?: TfliteQuantization | null },
  ): number {
    return this.#constants.tensorOf(data, spec, () => {
      const buffer = this.#buffers.push(data) - 1
      return this.#tensors.push({ quantization: null, ...spec, buffer }) - 1
    })
  }

  /** A vector of int32, for axes, shapes and paddings. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): number {
    return this.constant(new Uint8Array(Int32Array.from(values).buffer), { name: `ints ${values.join(' ')}`, dtype: 'int32', shape })
  }

  /** The numbers of an int32 constant. */
  intsIn(tensor: number): number[] {
    return [...new Int32Array(new Uint8Array(this.#buffers[this.tensorAt(tensor).buffer] as Uint8Array).buffer)]
  }

  /** A float32 constant. */
  floats(values: readonly number[], shape: readonly number[] = []): number {
    return this.constant(new Uint8Array(Float32Array.from(values).buffer), {
      name: `floats ${values.slice(0, 4).join(' ')}`,
      dtype: 'float32',
      shape,
    })
  }

  /** Adds an operator with one output and returns that. */
  emit(operator: Builtin, spec: EmitSpec): number {
    const output = this.tensor({
      name: spec.name ?? `${operator.toLowerCase()}_${this.#operators.length}`,
      dtype: spec.dtype,
      shape: spec.dims,
      quantization: spec.quantization ?? (spec.dtype === 'int8' ? this.#computing : null),
    })
    if (spec.name === undefined) this.#unnamed.add(output)
    this.emitTo(operator, [output], spec)
    return output
  }

  /** Adds an operator with outputs that exist. */
  emitTo(operator: Builtin, outputs: readonly number[], spec: Pick<EmitSpec, 'inputs' | 'options'>): void {
    const [left, right] = spec.inputs
    // The runtime gives wrong products of a computed tensor with itself (seen in 2.5.3): the second gets a name of its own.
    const isSquare = operator === 'BATCH_MATMUL' && left !== undefined && left === right
    const inputs = isSquare ? [left, this.reshape(left, this.tensorAt(left).shape)] : spec.inputs
    if (withFewerAxes(this, { ...spec, operator, inputs, outputs })) return
    this.#operators.push({ operator, version: 1, inputs, outputs, options: spec.options ?? {} })
  }

  /** The finished file. */
  file(description: string, borders: { readonly inputs: readonly number[]; readonly outputs: readonly number[] }): TfliteFile {
    const named = (tensor: number): { name: string; tensor: number } => ({ name: this.tensorAt(tensor).name, tensor })
    return {
      description,
      buffers: this.#buffers,
      subgraphs: [{ name: 'main', tensors: this.#tensors, operators: this.#operators, ...borders }],
      signatures: [{ key: 'serving_default', subgraph: 0, inputs: borders.inputs.map(named), outputs: borders.outputs.map(named) }],
      metadata: [],
    }
  }

  #moved(value: Value, place: Placed, perm: Perm): number {
    const dims = store(this.dims(value), place.perm)
    const moved = between(place.perm, perm, dims.length) as readonly number[]
    const { dtype, quantization } = this.tensorAt(place.tensor)
    const spec = {
      dims: moved.map((axis) => dims[axis] as number),
      dtype,
      quantization,
      name: `${value.name}/${perm === null ? 'plain' : 'moved'}`,
    }
    if (isReshape(dims, moved)) return this.reshape(place.tensor, spec.dims, spec.name)
    return this.emit('TRANSPOSE', { ...spec, inputs: [place.tensor, this.ints(moved)] })
  }

  /** A Reshape to `dims` in stored order. */
  reshape(tensor: number, dims: readonly number[], name?: string): number {
    const { dtype, quantization } = this.tensorAt(tensor)
    const spec = { dims, dtype, quantization, ...(name === undefined ? {} : { name }) }
    // A shape without sizes would be a constant without data, which the runtime does not read as a scalar's.
    if (dims.length === 0) return this.emit('SQUEEZE', { ...spec, inputs: [tensor] })
    return this.emit('RESHAPE', { ...spec, inputs: [tensor, this.ints(dims)], options: { newShape: dims } })
  }

  #constantIn(tensor: Tensor, name: string, perm: Perm): number {
    const dtype = storedType(tensor.ref.dtype, name)
    const data = storedData(tensor, name)
    const { dims } = tensor.ref
    const moved = perm === null ? data : permuteBytes(data, { dims, perm, width: bitsOf(dtype) / 8 })
    return this.constant(moved, { name, dtype, shape: store(dims, perm) })
  }
}

const floating = (value: Value): boolean => value.type?.kind === 'tensor' && value.type.dtype === 'float32'

/** Everything that a lowering gets. */
export interface LoweringContext {
  readonly node: Node
  readonly to: Conversion
}

/** Turns one node into operators of the file and records where its outputs are. Throws `Unconvertible` when it cannot. */
export type Lowering = (context: LoweringContext) => void
