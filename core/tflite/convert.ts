import { ProblemError } from '../api/problem.ts'
import type { DType } from '../ir/dtype.ts'
import type { Model } from '../ir/model.ts'
import type { Node, Value } from '../ir/value.ts'
import { Conversion } from './conversion.ts'
import type { TfliteFile } from './file.ts'
import { channelsLast, type Perm, store } from './layout.ts'
import { eightBit } from './ops/eight-bit.ts'
import { lowerings } from './ops/index.ts'
import { eightBitBorders, type WeightPrecision, withWeights } from './precision/index.ts'
import { unsignedOffset } from './quantized.ts'
import { emptyRefusal, refusalOf, textRefusal } from './refusals.ts'
import { withRuntimeVersion } from './runtime-versions.ts'
import { settled } from './settle.ts'
import { Unconvertible } from './unconvertible.ts'
import { withVersions } from './versions.ts'

export interface ConvertOptions {
  /** Rank-4 inputs and outputs are taken and given channels last, so that no transpose is left at the borders. */
  readonly nhwc: boolean
  /** How float weights are stored; float32 unless given. */
  readonly weights?: WeightPrecision
  /** `int8`: inputs and outputs of what computes in 8 bits are 8-bit themselves. Float unless given. */
  readonly borders?: 'float' | 'int8'
}

/** A node that cannot be converted. */
export interface Unsupported {
  readonly node: Node
  readonly reason: string
  readonly mend: string
}

/** How a border of the file differs from the model's: its element type and its order of axes (stored axis i is the model's axis perm[i]). */
export interface ConvertedBorder {
  readonly name: string
  readonly from: DType
  readonly to: DType
  readonly perm: Perm
}

export interface Converted {
  readonly file: TfliteFile
  readonly inputs: readonly ConvertedBorder[]
  readonly outputs: readonly ConvertedBorder[]
}

export type Conversions =
  | { readonly converted: Converted; readonly unsupported: readonly [] }
  | { readonly converted: null; readonly unsupported: readonly Unsupported[] }

/**
 * Converts a model to a `.tflite` file. All nodes are tried before anything is given up,
 * so that the list of what cannot be converted is whole. The model is not changed.
 */
export function convert(model: Model, options: ConvertOptions): Conversions {
  const to = new Conversion()
  const { graph } = settled(model)
  const unsupported: Unsupported[] = []
  const inputs = graph.inputs
    .filter((value) => value.initializer === null)
    .flatMap((value) =>
      attempt(
        value.uses[0]?.node ?? value,
        () => placeInput(to, value, options),
        unsupported,
        () => standIn(to, value),
      ),
    )
  /** Values of which nobody knows the type, because what computes them cannot be converted. */
  const unknown = new Set<Value>()
  for (const node of graph.nodes)
    attempt(
      node,
      () => lower(to, node, unknown),
      unsupported,
      () => standInFor(to, node, unknown),
    )
  if (unsupported.length > 0) return { converted: null, unsupported }
  const taken = new Set(inputs.map((each) => each.tensor))
  const outputs = graph.outputs.flatMap((value) =>
    attempt(value.producer ?? value, () => placeOutput(to, value, { ...options, taken }), unsupported),
  )
  if (unsupported.length > 0) return { converted: null, unsupported }
  const file = to.file(graph.name, { inputs: inputs.map((each) => each.tensor), outputs: outputs.map((each) => each.tensor) })
  const border = ({ name, from, to: stored, perm }: ConvertedBorder): ConvertedBorder => ({ name, from, to: stored, perm })
  const whole = { file: withWeights(file, options.weights ?? 'float32'), inputs: inputs.map(border), outputs: outputs.map(border) }
  const converted = options.borders === 'int8' ? eightBitBorders(whole) : whole
  return { converted: { ...converted, file: withRuntimeVersion(withVersions(converted.file)) }, unsupported: [] }
}

function placeInput(to: Conversion, value: Value, { nhwc }: ConvertOptions): ConvertedBorder & { tensor: number } {
  const dims = to.dims(value)
  const perm = nhwc && dims.length === 4 ? channelsLast(4) : null
  const dtype = to.dtype(value)
  const tensor = to.tensor({ name: value.name, dtype, shape: store(dims, perm) })
  to.put(value, tensor, perm)
  return { name: value.name, from: declaredType(value) ?? dtype, to: dtype, perm, tensor }
}

/** Outputs keep their names. One that is an input, a constant or another output itself gets a copy, for the runtime wants them apart. */
function placeOutput(
  to: Conversion,
  value: Value,
  { nhwc, taken }: ConvertOptions & { taken: Set<number> },
): ConvertedBorder & { tensor: number } {
  const dims = to.dims(value)
  const perm = nhwc && dims.length === 4 ? channelsLast(4) : null
  const stored = to.stored(value, perm)
  const found = declaredType(value) === 'uint8' ? unsigned(to, stored) : stored
  const isFree = !taken.has(found) && to.tensorAt(found).buffer === 0
  taken.add(found)
  const tensor = isFree ? found : copied(to, found)
  to.rename(tensor, value.name)
  return { name: value.name, from: declaredType(value) ?? to.dtype(value), to: to.tensorAt(tensor).dtype, perm, tensor }
}

/** Kernels compute with signed bytes: an output of unsigned ones is written by a last step. */
function unsigned(to: Conversion, tensor: number): number {
  const { dtype, shape, quantization } = to.tensorAt(tensor)
  if (dtype !== 'int8' || quantization === null) return tensor
  const grid = { ...quantization, zeroPoint: quantization.zeroPoint.map((zero) => zero + unsignedOffset) }
  return to.emit('QUANTIZE', { inputs: [tensor], dims: shape, dtype: 'uint8', quantization: grid })
}

/** A tensor of its own with the same elements. The runtime computes what hangs on constants alone once, apart from the outputs, except for a few operators. */
function copied(to: Conversion, tensor: number): number {
  const { dtype, shape, buffer } = to.tensorAt(tensor)
  if (buffer === 0 || (dtype !== 'float32' && dtype !== 'int32')) return to.reshape(tensor, shape)
  return to.emit('MAXIMUM', { inputs: [tensor, tensor], dims: shape, dtype })
}

const isEmpty = ({ type }: Value): boolean => type?.kind === 'tensor' && type.shape?.includes(0) === true

/** Whether a node computes nothing that stands in the file: a join leaves out what has no elements. */
const isIdle = ({ outputs }: Node): boolean => outputs.length > 0 && outputs.every((value) => isEmpty(value) && !value.isOutput)

/** Operators that parts without elements may come into or out of. */
const takingNothing: ReadonlySet<string> = new Set(['Concat', 'Split'])

/** Whether a computed value has no elements; constants without any mean that an input is left out. */
const readsNothing = (value: Value | null): boolean => value !== null && value.constant === null && isEmpty(value)

const declaredType = (value: Value): DType | null => (value.type?.kind === 'tensor' ? value.type.dtype : null)

/** Does something for a node (or a border that has none), and notes when it cannot be done; `otherwise` then stands in, so that what comes behind can still be judged. */
function attempt<T>(at: Node | Value, work: () => T, unsupported: Unsupported[], otherwise: () => unknown = () => undefined): T[] {
  try {
    return [work()]
  } catch (thrown) {
    if (!(thrown instanceof Unconvertible)) throw thrown
    if (!('opType' in at)) throw borderProblem(at, thrown)
    otherwise()
    unsupported.push({ node: at, reason: thrown.message, mend: thrown.mend })
    return []
  }
}

/** An input that nothing reads, or an output that nothing computes, has no node to be listed with. */
const borderProblem = ({ name }: Value, { message, mend }: Unconvertible): ProblemError =>
  new ProblemError({
    kind: 'unsupported',
    code: 'border-not-converted',
    what: `'${name}' cannot be an input or output of a .tflite file: ${message}`,
    where: { tensor: name },
    mend,
  })

function lower(to: Conversion, node: Node, unknown: Set<Value>): void {
  if (to.isAbsorbed(node)) return
  if ([...node.inputs, ...node.outputs].some((value) => value !== null && declaredType(value) === 'string')) throw textRefusal()
  if (isIdle(node)) {
    standInFor(to, node, unknown)
    return
  }
  if (!takingNothing.has(node.opType) && node.inputs.some(readsNothing)) throw emptyRefusal()
  const lowering = lowerings[node.domain === '' ? node.opType : `${node.domain}:${node.opType}`]
  if (lowering === undefined) throw refusalOf(node)
  // What is known of a value ends with the node that could not be converted: there is nothing to say of its readers.
  if (node.inputs.some((value) => value !== null && unknown.has(value))) {
    standInFor(to, node, unknown)
    return
  }
  const context = { node, to }
  if (node.domain !== '' || eightBit[node.opType]?.(context) !== true) lowering(context)
}

function standInFor(to: Conversion, node: Node, unknown: Set<Value>): void {
  for (const value of node.outputs) {
    standIn(to, value)
    if (value.type?.kind !== 'tensor' || value.type.shape === null) unknown.add(value)
  }
}

function standIn(to: Conversion, value: Value): void {
  to.put(value, to.tensor({ name: value.name, dtype: declaredType(value) ?? 'float32', shape: [] }))
}
