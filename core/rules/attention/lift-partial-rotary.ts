import { int, intOf } from '../../ir/attributes.ts'
import type { Node } from '../../ir/value.ts'
import { any, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { asHeads, withHeads } from './heads.ts'
import { cutsAt } from './lift-rotary.ts'

const cut = (name: string) =>
  op('Slice', [any('x'), constant(`${name}Start`), constant(`${name}End`), constant(`${name}Axis`), constant(`${name}Step`)], name)
const turned = op('lathe.Rotary', [op('Reshape', [op('Transpose', [cut('low')]), any()]), any('cos'), any('sin')], 'rotary')

const alongLast = (concat: Node): true | string => [-1, 3].includes(intOf(concat, 'axis', 0)) || 'it does not join along the last axis'

/**
 * Rotary embedding of the first elements of each head, put before the others again, to one that leaves the others as they are: GPT-NeoX, Phi and
 * StableLM turn a quarter or so of a head.
 */
export const liftPartialRotary = rule({
  id: 'lift-partial-rotary',
  summary: 'Rotary position embedding of a part of each head is one operator on the whole heads.',
  fidelity: 'rounding',
  pattern: op('Concat', [op('Transpose', [op('Reshape', [turned, any()])]), cut('high')], { name: 'joined', when: alongLast }),
  rewrite({ x, low, high, cos, sin, rotary }, draft) {
    if (low === undefined || high === undefined || rotary === undefined) return reject('the parts are not there', x)
    const [, heads, , size] = shapeOf(x) ?? []
    const half = shapeOf(cos)?.at(-1)
    if (typeof size !== 'number' || typeof half !== 'number') return reject('the size of the heads is not known', x)
    if (heads !== intOf(rotary, 'heads', 1)) return reject('what is turned are not these heads', rotary)
    if (!cutsAt(low, 0, 2 * half) || !cutsAt(high, 2 * half, size)) return reject('the slices are not what is turned and what is left', low)
    const whole = asHeads(x, draft)
    if (whole === null) return reject('the number of heads or their size is not known', x)
    return withHeads(draft.op('lathe.Rotary', [whole.source, cos, sin], { heads: int(whole.heads) }), whole, draft)
  },
})
