import { float, floatOf, int, intOf, intsOf } from '../../ir/attributes.ts'
import type { Attribute, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { dtypeOf, shapeOf } from '../../shapes/shape-facts.ts'
import { seenHeads, unrepeated } from './heads.ts'

const givesContextAlone = (node: Node): true | string =>
  node.outputs.slice(1).every((output) => output.uses.length === 0 && !output.isOutput) || 'it also gives out keys, values or scores'

/** What closes a key where a mask says so by truth. */
const closed: Readonly<Record<string, number>> = { float32: -3.4028234663852886e38, float16: -65504 }

/**
 * The standard Attention on [batch, heads, length, size], as PyTorch exports it from operator set 23 on, with views to heads around it: on
 * [batch, length, heads * size] it needs none of them.
 */
export const liftStandardAttention = rule({
  id: 'lift-standard-attention',
  summary: 'The standard Attention between views to heads and back needs no views.',
  fidelity: 'rounding',
  pattern: op(
    'Transpose',
    [
      op('Attention', [any('query'), any('keys'), any('values'), maybe(any('mask'))], {
        name: 'attention',
        when: givesContextAlone,
      }),
    ],
    {
      name: 'out',
      when: (node) => intsOf(node, 'perm')?.join() === '0,2,1,3' || 'the context is not turned to [batch, length, heads, size]',
    },
  ),
  rewrite({ query, keys, values, mask, attention, out }, draft) {
    if (intOf(attention, 'is_causal', 0) !== 0) return reject('it is causal without a mask', attention)
    const queries = seenHeads(query, draft)
    if (queries === null) return reject('the queries are not seen to be heads of three axes', query)
    const kept = seenHeads(unrepeated(keys), draft)
    if (kept === null) return reject('the keys are not seen to be heads of three axes', keys)
    const held = seenHeads(unrepeated(values), draft)
    if (held === null) return reject('the values are not seen to be heads of three axes', values)
    if (kept.heads !== held.heads) return reject(`keys have ${kept.heads} heads and values ${held.heads}`, values)
    const scale = floatOf(attention, 'scale', 1 / Math.sqrt(queries.size))
    if (!(scale > 0)) return reject(`the scores are scaled by ${scale}`, attention)
    const term = mask === null ? null : added(mask, { query, keys, draft })
    if (typeof term === 'string') return reject(term, mask)
    const attributes: Record<string, Attribute> = { heads: int(queries.heads), kv_heads: int(kept.heads), scale: float(scale) }
    if (term !== null) attributes.safe = int(1)
    const softcap = floatOf(attention, 'softcap', 0)
    if (softcap !== 0) attributes.softcap = float(softcap)
    const inputs = [queries.source, kept.source, held.source, ...(term === null ? [] : [term])]
    const y = draft.op('lathe.Attention', inputs, attributes, { name: attention.name })
    return { replace: [{ old: out.outputs[0] as Value, by: draft.op('Reshape', [y, draft.ints([0, 0, queries.heads, held.size])]) }] }
  },
})

interface Masking {
  readonly query: Value
  readonly keys: Value
  readonly draft: Draft
}

/** A mask as what is added to the scores; a sentence where it does not cover them. */
function added(mask: Value, { query, keys, draft }: Masking): Value | string {
  const [type, dtype] = [dtypeOf(query) ?? '', dtypeOf(mask)]
  if (!sameDim(shapeOf(mask)?.at(-1) ?? null, shapeOf(keys)?.[2] ?? null)) return 'the mask is not known to be as long as the keys'
  if (dtype !== 'bool') return dtype === type ? mask : 'the mask has another element type than the queries'
  const lowest = closed[type]
  if (lowest === undefined) return `no number closes a key of ${type}`
  return draft.op('Where', [mask, draft.scalar(0, type as 'float32'), draft.scalar(lowest, type as 'float32')])
}
