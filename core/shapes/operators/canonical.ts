import { divideDims, multiplyDims } from '../dim.ts'
import { attribute, type Family, type Infer, likeFirst, tensor } from '../operator.ts'

/** q [batch, length, heads * size], v [batch, kv length, kv heads * value size] -> [batch, length, heads * value size]. */
const attention: Infer = (call) => {
  const [q, v] = [call.shape(0), call.shape(2)]
  const size = divideDims(v?.[2] ?? null, attribute(call, 'kv_heads', 1))
  return [tensor(call.dtype(0), [q?.[0] ?? null, q?.[1] ?? null, multiplyDims(size, attribute(call, 'heads', 1))])]
}

/** Lathe's own operators, in the domain `lathe`: what rules lift exporters' spellings to, before they are lowered for a target. */
export const canonical: Family = {
  Attention: { infer: attention },
  Rotary: { infer: likeFirst },
  Norm: { infer: likeFirst },
  Activation: { infer: likeFirst },
}
