import type { Value } from '../../ir/value.ts'
import { input, number, optional, output } from '../attributes.ts'
import { type Conversion, type Lowering, Unconvertible } from '../conversion.ts'
import { permuteBytes } from '../layout.ts'

/** MatMul: a matrix constant on the right becomes FULLY_CONNECTED (its weights stored as [outputs, inputs]), anything else BATCH_MATMUL. */
const matMul: Lowering = ({ node, to }) => {
  const [left, right, result] = [input(node, 0), input(node, 1), output(node)]
  const weight = right.constant
  const dims = to.dims(result)
  if (weight !== null && weight.ref.dims.length === 2 && weight.ref.dtype === 'float32' && to.dims(left).length >= 2) {
    const [inputs = 0, outputs = 0] = weight.ref.dims
    const data = permuteBytes(weight.read(), { dims: [inputs, outputs], perm: [1, 0], width: 4 })
    const filter = to.constant(data, { name: right.name, dtype: 'float32', shape: [outputs, inputs] })
    return to.put(result, fullyConnected(to, { tensors: [to.plain(left), filter, -1], dims, name: result.name }))
  }
  if (to.dims(left).length < 2 || to.dims(right).length < 2)
    throw new Unconvertible('a product with a vector', 'Run clean-up first, or reshape the vector to a matrix.')
  to.put(result, to.emit('BATCH_MATMUL', { inputs: [to.plain(left), to.plain(right)], dims, dtype: to.dtype(result), name: result.name }))
}

function fullyConnected(
  to: Conversion,
  { tensors, dims, name }: { tensors: readonly number[]; dims: readonly number[]; name: string },
): number {
  const keepNumDims = dims.length > 2
  return to.emit('FULLY_CONNECTED', {
    inputs: tensors,
    dims,
    dtype: 'float32',
    name,
    options: { keepNumDims },
    version: keepNumDims ? 5 : 1,
  })
}

/** Gemm: alpha, beta and the transpositions are worked into the constants where there are constants. */
const gemm: Lowering = ({ node, to }) => {
  const [left, right, result] = [input(node, 0), input(node, 1), output(node)]
  const [alpha, beta] = [number(node, 'alpha', 1), number(node, 'beta', 1)]
  const weight = right.constant
  if (weight === null || number(node, 'transA', 0) === 1) return computedGemm({ node, to })
  const [rows = 0, columns = 0] = weight.ref.dims
  const turned = number(node, 'transB', 0) === 1
  const data = turned ? weight.read() : permuteBytes(weight.read(), { dims: [rows, columns], perm: [1, 0], width: 4 })
  const shape = turned ? [rows, columns] : [columns, rows]
  const filter = to.constant(scaled(data, alpha), { name: right.name, dtype: 'float32', shape })
  const addend = optional(node, 2)
  const dims = to.dims(result)
  const bias = biasOf(to, addend, { outputs: shape[0] as number, beta })
  const made = fullyConnected(to, {
    tensors: [to.plain(left), filter, bias ?? -1],
    dims,
    name: bias === null && addend !== null ? `${result.name}/product` : result.name,
  })
  if (bias !== null || addend === null) return to.put(result, made)
  to.put(result, plusScaled(to, { product: made, addend, beta, dims, name: result.name }))
}

/** A constant vector with one element an output can ride along as the bias. */
function biasOf(to: Conversion, addend: Value | null, { outputs, beta }: { outputs: number; beta: number }): number | null {
  const constant = addend?.constant ?? null
  if (constant === null || addend === null) return null
  const { dims, dtype } = constant.ref
  if (dtype !== 'float32' || dims.at(-1) !== outputs || dims.some((dim, i) => i < dims.length - 1 && dim !== 1)) return null
  return to.constant(scaled(constant.read(), beta), { name: addend.name, dtype, shape: [outputs] })
}

const scaled = (data: Uint8Array, factor: number): Uint8Array => {
  if (factor === 1) return data
  const values = new Float32Array(data.slice().buffer)
  return new Uint8Array(values.map((value) => value * factor).buffer)
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
