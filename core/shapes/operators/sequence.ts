import { intOf, textOf } from '../../ir/attributes.ts'
import type { Dim } from '../../ir/value.ts'
import { addDims, multiplyDims } from '../dim.ts'
import { type Call, type Family, type Infer, tensor } from '../operator.ts'

/** Y, Y_h (and Y_c) of RNN, GRU, LSTM in either layout. */
const recurrence: Infer = (call) => {
  const hidden: Dim = intOf(call.node, 'hidden_size', null) ?? call.shape(2)?.[2] ?? null
  const directions: Dim = textOf(call.node, 'direction', 'forward') === 'bidirectional' ? 2 : 1
  const batchFirst = intOf(call.node, 'layout', 0) === 1
  const x = call.shape(0)
  const [steps, batch] = batchFirst ? [x?.[1] ?? null, x?.[0] ?? null] : [x?.[0] ?? null, x?.[1] ?? null]
  const all = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden]
  const last = tensor(call.dtype(0), batchFirst ? [batch, directions, hidden] : [directions, batch, hidden])
  return [tensor(call.dtype(0), all), last, last]
}

/** Attention of operator sets 23 and later: Y, present key, present value, scores. */
function attention(call: Call): ReturnType<Infer> {
  const [q, k, v] = [call.shape(0), call.shape(1), call.shape(2)]
  const dtype = call.dtype(0)
  if (q === null || v === null) return [tensor(dtype, null)]
  const heads: Dim = q.length === 4 ? (q[1] ?? null) : intOf(call.node, 'q_num_heads', null)
  const kvHeads: Dim = v.length === 4 ? (v[1] ?? null) : intOf(call.node, 'kv_num_heads', null)
  const size = (shape: readonly Dim[] | null, count: Dim): Dim =>
    shape === null
      ? null
      : shape.length === 4
        ? (shape[3] ?? null)
        : typeof shape[2] === 'number' && typeof count === 'number'
          ? shape[2] / count
          : null
  const valueSize = size(v, kvHeads)
  const rows = q.length === 4 ? (q[2] ?? null) : (q[1] ?? null)
  const fresh: Dim = v.length === 4 ? (v[2] ?? null) : (v[1] ?? null)
  const total = call.has(4) ? addDims(call.shape(4)?.[2] ?? null, fresh) : fresh
  const y = q.length === 4 ? [q[0] ?? null, heads, rows, valueSize] : [q[0] ?? null, rows, multiplyDims(heads, valueSize)]
  return [
    tensor(dtype, y),
    tensor(call.dtype(1), [q[0] ?? null, kvHeads, total, size(k, kvHeads)]),
    tensor(call.dtype(2), [q[0] ?? null, kvHeads, total, valueSize]),
    tensor(dtype, [q[0] ?? null, heads, rows, total]),
  ]
}

export const sequence: Family = {
  RNN: { infer: recurrence },
  GRU: { infer: recurrence },
  LSTM: { infer: recurrence },
  Attention: { infer: attention },
  RotaryEmbedding: { infer: (call) => [call.type(0)] },
}
