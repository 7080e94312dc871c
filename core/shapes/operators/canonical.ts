import type { Dim } from '../../ir/value.ts'
import { addDims, divideDims, multiplyDims } from '../dim.ts'
import { attribute, type Family, type Infer, likeFirst, tensor } from '../operator.ts'

/**
 * q [batch, length, heads * size], k and v [batch, kv length, kv heads * size], past keys and values [batch, kv heads, past, size] (inputs 4, 5)
 * -> [batch, length, heads * value size] and the keys and values of past and present [batch, kv heads, past + kv length, size].
 */
const attention: Infer = (call) => {
  const [q, k, v] = [call.shape(0), call.shape(1), call.shape(2)]
  const kvHeads = attribute(call, 'kv_heads', 1)
  const size = divideDims(v?.[2] ?? null, kvHeads)
  const total = addDims(call.has(4) ? (call.shape(4)?.[2] ?? null) : 0, k?.[1] ?? null)
  const present = (each: Dim) => tensor(call.dtype(0), [q?.[0] ?? null, kvHeads, total, each])
  return [
    tensor(call.dtype(0), [q?.[0] ?? null, q?.[1] ?? null, multiplyDims(size, attribute(call, 'heads', 1))]),
    present(divideDims(k?.[2] ?? null, kvHeads)),
    present(size),
  ]
}

/** Lathe's own operators, in the domain `lathe`: what rules lift exporters' spellings to, before they are lowered for a target. */
export const canonical: Family = {
  Attention: { infer: attention },
  Rotary: { infer: likeFirst },
  Norm: { infer: likeFirst },
  Activation: { infer: likeFirst },
}
