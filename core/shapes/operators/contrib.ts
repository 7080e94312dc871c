import { intOf } from '../../ir/attributes.ts'
import type { Dim, Shape, ValueType } from '../../ir/value.ts'
import { addDims, divideDims, multiplyDims, productOf } from '../dim.ts'
import { attribute, type Call, type Family, type Infer, likeFirst, tensor } from '../operator.ts'
import { convolution } from './convolution.ts'
import { linear, matMulShape } from './linear.ts'
import { quantization } from './quantization.ts'

/** Attention with packed weights: x [batch, length, hidden], weights [hidden, q + k + v]. */
const attention: Infer = (call) => {
  const x = call.shape(0)
  const columns = call.shape(1)?.[1] ?? null
  const sizes = call.node.attributes.get('qkv_hidden_sizes')
  const out = sizes?.type === 'ints' ? (sizes.value[2] ?? null) : divideDims(columns, 3)
  const heads: Dim = intOf(call.node, 'num_heads', null)
  const total = addDims(call.has(4) ? (call.shape(4)?.[3] ?? null) : 0, x?.[1] ?? null)
  const present: Shape = [2, x?.[0] ?? null, heads, total, heads === null ? null : divideDims(out, heads)]
  return [tensor(call.dtype(0), x === null ? null : [x[0] ?? null, x[1] ?? null, out]), tensor(call.dtype(0), present)]
}

/** Query [batch, length, hidden], key and value alike or as a past of 4 axes; outputs Y, present key, present value. */
function multiHeadAttention(call: Call): readonly (ValueType | null)[] {
  const [q, k, v] = [call.shape(0), call.shape(1), call.shape(2)]
  const heads: Dim = intOf(call.node, 'num_heads', null)
  const dtype = call.dtype(0)
  if (q === null || heads === null) return [tensor(dtype, null)]
  const past = call.has(6) ? (call.shape(6)?.[2] ?? null) : 0
  const length: Dim = k === null ? null : k.length === 4 ? (k[2] ?? null) : addDims(past, k[1] ?? null)
  const hidden: Dim =
    v === null ? (q.length === 3 ? (q[2] ?? null) : null) : v.length === 4 ? multiplyDims(heads, v[3] ?? null) : (v[2] ?? null)
  return [
    tensor(dtype, [q[0] ?? null, q[1] ?? null, hidden]),
    tensor(dtype, [q[0] ?? null, heads, length, divideDims(q[2] ?? null, heads)]),
    tensor(dtype, [q[0] ?? null, heads, length, divideDims(hidden, heads)]),
  ]
}

const groupQueryAttention: Infer = (call) => {
  const kvHeads: Dim = intOf(call.node, 'kv_num_heads', null)
  const size: Dim = divideDims(call.shape(1)?.[2] ?? null, kvHeads)
  const past = call.shape(3)
  const present = tensor(call.dtype(0), [
    call.shape(0)?.[0] ?? null,
    kvHeads,
    past === null ? null : addDims(past[2] ?? null, call.shape(1)?.[1] ?? null),
    past?.[3] ?? size,
  ])
  return [call.type(0), present, present]
}

/** Y, mean, inverse deviation, and the sum that was normalized. */
const skipLayerNormalization: Infer = (call) => [call.type(0), null, null, call.type(0)]

const fusedMatMul: Infer = (call) => {
  const turned = (shape: Shape, name: string, batchName: string): Shape => {
    if (shape === null || shape.length < 2) return shape
    const rolled = attribute(call, batchName, 0) === 1 ? [...shape.slice(1, -1), shape[0] as Dim, shape.at(-1) as Dim] : [...shape]
    if (attribute(call, name, 0) !== 1) return rolled
    return [...rolled.slice(0, -2), rolled.at(-1) as Dim, rolled.at(-2) as Dim]
  }
  return [
    tensor(call.dtype(0), matMulShape(turned(call.shape(0), 'transA', 'transBatchA'), turned(call.shape(1), 'transB', 'transBatchB'))),
  ]
}

const matMulNBits: Infer = (call) => {
  const a = call.shape(0)
  return [tensor(call.dtype(0), a === null ? null : [...a.slice(0, -1), intOf(call.node, 'N', null)])]
}

/** What was dropped as one bit an element, in words of 32. */
const droppedBits = (call: Call): ValueType | null => {
  const shape = call.shape(0)
  return tensor('uint32', [shape === null ? null : divideDims(addDims(productOf(shape), 31), 32)])
}

const gatherQuantized: Infer = (call) => {
  const [data, indices] = [call.shape(0), call.shape(1)]
  return [tensor(call.dtype(2), data === null || indices === null ? null : [...indices, ...data.slice(1)])]
}

const embedLayerNormalization: Infer = (call) => {
  const ids = call.shape(0)
  const shape: Shape = [ids?.[0] ?? null, ids?.[1] ?? null, call.shape(2)?.[1] ?? null]
  return [tensor(call.dtype(2), shape), tensor('int32', [ids?.[0] ?? null]), tensor(call.dtype(2), shape)]
}

const dynamicMatMul: Infer = (call) => [tensor('float32', matMulShape(call.shape(0), call.shape(1)))]

const convolutionOf = (type: string): Infer => convolution[type]?.infer ?? (() => [])

const unary = [
  'Gelu',
  'FastGelu',
  'QuickGelu',
  'BiasGelu',
  'SimplifiedLayerNormalization',
  'Trilu',
  'BiasSoftmax',
  'RotaryEmbedding',
  'GroupNorm',
]

export const contrib: Family = {
  ...Object.fromEntries(unary.map((type) => [type, { infer: likeFirst }])),
  BiasDropout: { infer: (call) => [call.type(0), tensor('bool', call.shape(0))] },
  BitmaskDropout: { infer: (call) => [call.type(0), droppedBits(call)] },
  BitmaskBiasDropout: { infer: (call) => [call.type(0), droppedBits(call)] },
  Attention: { infer: attention },
  MultiHeadAttention: { infer: multiHeadAttention },
  GroupQueryAttention: { infer: groupQueryAttention },
  SkipLayerNormalization: { infer: skipLayerNormalization },
  SkipSimplifiedLayerNormalization: { infer: skipLayerNormalization },
  EmbedLayerNormalization: { infer: embedLayerNormalization },
  FusedMatMul: { infer: fusedMatMul },
  FusedGemm: linear.Gemm as Family[string],
  FusedConv: { infer: convolutionOf('Conv') },
  QLinearAdd: { infer: (call) => [tensor(call.dtype(7), null)] },
  MatMulNBits: { infer: matMulNBits },
  MatMulIntegerToFloat: { infer: dynamicMatMul },
  DynamicQuantizeMatMul: { infer: dynamicMatMul },
  GatherBlockQuantized: { infer: gatherQuantized },
  QuantizeLinear: quantization.QuantizeLinear as Family[string],
  DequantizeLinear: quantization.DequantizeLinear as Family[string],
}
