import type { Value } from '../../ir/value.ts'
import { Arithmetic } from '../arithmetic.ts'
import { input, number, optional, output } from '../attributes.ts'
import type { Conversion, Lowering } from '../conversion.ts'
import { isHalf } from '../element-types.ts'
import { type Result, resultOf } from '../fused.ts'
import { quantizedConstant } from '../quantized.ts'
import { Unconvertible } from '../unconvertible.ts'
import { storeBias, storeWeights, type Weights, weightsOf } from '../weights.ts'

/** MatMul: a matrix constant on the right becomes FULLY_CONNECTED (its weights stored as [outputs, inputs]), anything else BATCH_MATMUL. */
const matMul: Lowering = ({ node, to }) => {
  const [left, right] = [input(node, 0), input(node, 1)]
  refuseWhole(to, left)
  if (isMatrix(to, right) && to.dims(left).length >= 2) {
    const matrix = matrixOf(to, right, { turned: false, factor: 1 })
    const result = resultOf(to, output(node))
    return to.put(result.value, fullyConnected(to, { source: to.plain(left), matrix, bias: null, result }))
  }
  if (to.dims(left).length < 2 || to.dims(right).length < 2) {
    return withVector({ node, to })
  }
  const result = output(node)
  to.put(
    result,
    to.emit('BATCH_MATMUL', {
      inputs: [to.plain(left), to.plain(right)],
      dims: to.dims(result),
      dtype: to.dtype(result),
      name: result.name,
    }),
  )
}

/** Of whole numbers the runtime makes wrong products without a word. */
function refuseWhole(to: Conversion, value: Value): void {
  const dtype = to.dtype(value)
  if (dtype !== 'float32' && !to.computesInEightBits)
    throw new Unconvertible(`a matrix product of ${dtype}`, 'The runtime multiplies matrices of floats alone: cast them first.')
}

/** A vector is a row on the left and a column on the right. */
function withVector({ node, to }: Parameters<Lowering>[0]): void {
  const a = new Arithmetic(to)
  const [left, right] = [to.plain(input(node, 0)), to.plain(input(node, 1))]
  const row = a.dims(left).length === 1 ? a.reshape(left, [1, ...a.dims(left)]) : left
  const column = a.dims(right).length === 1 ? a.reshape(right, [...a.dims(right), 1]) : right
  to.put(output(node), a.reshape(a.product(row, column), to.dims(output(node))))
}

/** Constant weights of two axes: float, or 8-bit ones that are taken as they are or made float for the product. */
function isMatrix(to: Conversion, value: Value): boolean {
  if (quantizedConstant(value)?.dims.length === 2) return true
  const stored = value.constant?.ref
  return !to.computesInEightBits && stored?.dims.length === 2 && (stored.dtype === 'float32' || isHalf(stored.dtype))
}

/** Weights as FULLY_CONNECTED takes them: [outputs, inputs]. */
interface Matrix {
  readonly filter: number
  readonly outputs: number
  readonly quantization: Weights['quantization']
}

/** @param turned whether the weights are [outputs, inputs] already */
function matrixOf(to: Conversion, value: Value, { turned, factor }: { turned: boolean; factor: number }): Matrix {
  if (quantizedConstant(value) !== null && !to.computesInEightBits) {
    const filter = to.stored(value, turned ? null : [1, 0])
    return { filter, outputs: to.tensorAt(filter).shape[0] as number, quantization: null }
  }
  const weights = scaledBy(weightsOf(to, value), factor)
  const filter = storeWeights(to, weights, { perm: turned ? [0, 1] : [1, 0] })
  return { filter, outputs: weights.dims[turned ? 0 : 1] as number, quantization: weights.quantization }
}

interface Product {
  readonly source: number
  readonly matrix: Matrix
  readonly bias: Value | null
  readonly result: Result
}

function fullyConnected(to: Conversion, { source, matrix, bias, result }: Product): number {
  const dims = to.dims(result.value)
  const eight = matrix.quantization !== null
  const addend = bias === null && !eight ? -1 : storeBias(to, bias, { count: matrix.outputs, weights: matrix, source })
  return to.emit('FULLY_CONNECTED', {
    inputs: [source, matrix.filter, addend],
    dims,
    dtype: eight ? 'int8' : 'float32',
    name: result.value.name,
    options: { keepNumDims: dims.length > 2, activation: result.activation },
  })
}

/** Gemm: alpha, beta and the transpositions are worked into the constants where there are constants. */
const gemm: Lowering = ({ node, to }) => {
  const [left, right] = [input(node, 0), input(node, 1)]
  refuseWhole(to, left)
  const [alpha, beta] = [number(node, 'alpha', 1), number(node, 'beta', 1)]
  const scaledIntegers = alpha !== 1 && quantizedConstant(right) !== null && !to.computesInEightBits
  if (!isMatrix(to, right) || number(node, 'transA', 0) === 1 || scaledIntegers) return computedGemm({ node, to })
  const turned = number(node, 'transB', 0) === 1
  const addend = optional(node, 2)
  const rides = beta === 1 && isBias(addend, to.dims(right)[turned ? 0 : 1] as number)
  if (to.computesInEightBits && (alpha !== 1 || (addend !== null && !rides)))
    throw new Unconvertible('a quantized Gemm with factors', 'Work alpha and beta into the weights before quantizing.')
  const product = { source: to.plain(left), matrix: matrixOf(to, right, { turned, factor: alpha }) }
  if (addend === null || rides) {
    const result = resultOf(to, output(node))
    return to.put(result.value, fullyConnected(to, { ...product, bias: addend, result }))
  }
  const result = output(node)
  const made = fullyConnected(to, { ...product, bias: null, result: { value: result, activation: 0 } })
  to.rename(made, `${result.name}/product`)
  to.put(result, plusScaled(to, { product: made, addend, beta, dims: to.dims(result), name: result.name }))
}

/** A constant vector with one element an output can ride along as the bias. */
function isBias(addend: Value | null, outputs: number): boolean {
  const dims = addend === null ? [] : (addend.constant?.ref.dims ?? quantizedConstant(addend)?.dims ?? [])
  return dims.length === 1 && dims[0] === outputs
}

function scaledBy(weights: Weights, factor: number): Weights {
  if (factor === 1) return weights
  const values = new Float32Array(new Uint8Array(weights.data).buffer)
  return { ...weights, data: new Uint8Array(values.map((value) => value * factor).buffer) }
}

function computedGemm({ node, to }: Parameters<Lowering>[0]): void {
  const result = output(node)
  const dims = to.dims(result)
  const [alpha, beta] = [number(node, 'alpha', 1), number(node, 'beta', 1)]
  const options = { adjX: number(node, 'transA', 0) === 1, adjY: number(node, 'transB', 0) === 1 }
  const inputs = [to.plain(input(node, 0)), to.plain(input(node, 1))]
  let made = to.emit('BATCH_MATMUL', { inputs, dims, dtype: to.dtype(result), options })
  if (alpha !== 1) made = to.emit('MUL', { inputs: [made, to.floats([alpha])], dims, dtype: 'float32' })
  const addend = optional(node, 2)
  to.put(result, addend === null ? made : plusScaled(to, { product: made, addend, beta, dims, name: result.name }))
}

interface Sum {
  readonly product: number
  readonly addend: Value
  readonly beta: number
  readonly dims: readonly number[]
  readonly name: string
}

function plusScaled(to: Conversion, { product, addend, beta, dims, name }: Sum): number {
  const plain = to.plain(addend)
  const term = beta === 1 ? plain : to.emit('MUL', { inputs: [plain, to.floats([beta])], dims: to.dims(addend), dtype: 'float32' })
  return to.emit('ADD', { inputs: [product, term], dims, dtype: 'float32', name })
}

export const products: Readonly<Record<string, Lowering>> = { MatMul: matMul, Gemm: gemm }
