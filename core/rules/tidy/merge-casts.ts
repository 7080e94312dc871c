import { int } from '../../ir/attributes.ts'
import { type DType, onnxCode } from '../../ir/dtype.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

/** Types that hold every value of a type exactly. */
const holds: Partial<Record<DType, readonly DType[]>> = {
  bool: ['uint8', 'int8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'bfloat16', 'float32', 'float64'],
  uint8: ['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64'],
  int8: ['int16', 'int32', 'int64', 'float16', 'float32', 'float64'],
  uint16: ['int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'],
  int16: ['int32', 'int64', 'float32', 'float64'],
  int32: ['int64', 'float64'],
  uint32: ['int64', 'uint64', 'float64'],
  float16: ['float32', 'float64'],
  bfloat16: ['float32', 'float64'],
  float32: ['float64'],
}

export const mergeCasts = rule({
  id: 'merge-casts',
  summary: 'A cast through a type that holds every value is one cast, or none.',
  fidelity: 'exact',
  pattern: op(['Cast', 'CastLike'], [op(['Cast', 'CastLike'], [any('x'), maybe(any())], { name: 'inner', shared: true }), maybe(any())]),
  rewrite({ x, inner }, draft) {
    const [from, over] = [dtypeOf(x), dtypeOf(inner.outputs[0] as typeof x)]
    const to = dtypeOf(draft.root.outputs[0] as typeof x)
    if (from === null || over === null || to === null) return reject('a type is not known', inner)
    if (!holds[from]?.includes(over)) return reject(`${over} does not hold every ${from}`, inner)
    return to === from ? x : draft.op('Cast', [x], { to: int(onnxCode(to)) })
  },
})
