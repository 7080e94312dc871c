import { intOf, intsOf } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, rankOf } from '../../shapes/shape-facts.ts'

/** What takes the mean of each channel to answer or to weigh channels with; the means of normalizations go elsewhere. */
const takers: ReadonlySet<string> = new Set(['Flatten', 'Reshape', 'Squeeze', 'Conv', 'Gemm', 'MatMul', 'Dropout'])

/** PyTorch's dynamo exporter writes its adaptive pooling so. Runtimes keep a pooling in the layout of the convolutions, and have it in 8 bits. */
export const meanToGlobalPool = rule({
  id: 'mean-to-global-pool',
  summary: 'The mean over height and width is a GlobalAveragePool.',
  fidelity: 'rounding',
  pattern: op('ReduceMean', [any('x'), maybe(constant('listed'))], 'mean'),
  rewrite({ x, listed, mean }, draft) {
    const dtype = dtypeOf(x)
    if (dtype !== 'float32' && dtype !== 'float16') return reject('poolings are for floats of 32 and 16 bits', mean)
    if (rankOf(x) !== 4) return reject('its input is not known to have four axes', mean)
    const axes = listed === null ? intsOf(mean, 'axes') : [...numbersOf(listed.constant)]
    const spatial = axes?.map((axis) => (axis < 0 ? axis + 4 : axis)).toSorted()
    if (spatial?.join() !== '2,3') return reject('it is not over height and width', mean)
    const [result] = mean.outputs
    const others = result?.uses.find(({ node }) => !takers.has(node.opType))
    if (others !== undefined) return reject(`${others.node.opType} takes it: it may belong to a normalization`, others.node)
    const pooled = draft.op('GlobalAveragePool', [x], {}, { name: mean.name })
    return intOf(mean, 'keepdims', 1) === 0 ? draft.op('Flatten', [pooled]) : pooled
  },
})
