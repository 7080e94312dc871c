import { int, intOf, ints, intsOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { joinedPads, type Padding, paddingOf, padsOf } from './padding.ts'

/** Operators whose results are never below 0. */
const notNegative: ReadonlySet<string> = new Set(['Relu', 'Sigmoid', 'Softmax', 'Exp', 'Abs', 'HardSigmoid', 'Softplus'])

export const fusePadIntoPool = rule({
  id: 'fuse-pad-into-pool',
  summary: 'A Pad before a pooling is the padding of the pooling, where both mean the same.',
  fidelity: 'rounding',
  pattern: op(['MaxPool', 'AveragePool'], [op('Pad', [any('x'), maybe(any()), maybe(any()), maybe(any())], 'pad')], 'pool'),
  rewrite({ x, pad, pool }, draft) {
    const kernel = intsOf(pool, 'kernel_shape') ?? []
    const padding = paddingOf(pad, kernel.length + 2)
    if (typeof padding === 'string') return reject(padding, pad)
    const pads = padsOf(pool, kernel.length)
    if (pads === null) return reject('the pooling pads to keep the size', pool)
    const joined = joinedPads(pads, padding)
    if (joined.some((size, i) => size >= (kernel[i % kernel.length] as number)))
      return reject('a window would lie in the padding alone', pool)
    const objection = pool.opType === 'MaxPool' ? againstMax(x, padding) : againstAverage(pool, pads, padding)
    if (objection !== null) return reject(objection, pad)
    const attributes = new Map([...pool.attributes, ['pads', ints(joined)]])
    attributes.delete('auto_pad')
    if (pool.opType === 'AveragePool') attributes.set('count_include_pad', int(1))
    return draft.op(pool.opType, [x], attributes)
  },
})

/** MaxPool's own padding never wins; zeros may, unless nothing is below them. */
function againstMax(x: Value, { fill }: Padding): string | null {
  if (fill === Number.NEGATIVE_INFINITY || fill < -3e38) return null
  if (fill === 0 && x.producer !== null && notNegative.has(x.producer.opType)) return null
  return 'what it fills in can be the maximum of a window'
}

/** Padding counts in the average either everywhere or nowhere. */
function againstAverage(pool: Node, pads: readonly number[], { fill }: Padding): string | null {
  if (fill !== 0) return 'it does not pad with zeros'
  if (intOf(pool, 'ceil_mode', 0) === 1) return 'windows at the end may be cut'
  return intOf(pool, 'count_include_pad', 0) === 1 || pads.every((size) => size === 0)
    ? null
    : 'the padding of the pooling does not count, that of the Pad does'
}
