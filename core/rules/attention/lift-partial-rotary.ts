import { intOf } from '../../ir/attributes.ts'
import type { Node } from '../../ir/value.ts'
import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { cutsAt } from './halves.ts'
import { asHeads, withHeads } from './heads.ts'

const cut = <N extends string>(name: N) =>
  op('Slice', [any('x'), constant(`${name}Start`), constant(`${name}End`), constant(`${name}Axis`), maybe(constant(`${name}Step`))], name)
const cosine = any('cos')
const sine = any('sin')
const turned = oneOf(
  op(
    'Transpose',
    [op('Reshape', [op('lathe.Rotary', [op('Reshape', [op('Transpose', [cut('low')]), any()]), cosine, sine], 'rotary'), any()])],
    'headsFirst',
  ),
  op('Reshape', [op('lathe.Rotary', [op('Reshape', [cut('low'), any()]), cosine, sine], 'rotary'), any()]),
)

const alongLast = (concat: Node): true | string => [-1, 3].includes(intOf(concat, 'axis', 0)) || 'it does not join along the last axis'

/**
 * Rotary embedding of the first elements of each head, put before the others again, to one that leaves the others as they are: GPT-NeoX, Phi and
 * StableLM turn a quarter or so of a head, GPT-J before its heads are put first.
 */
export const liftPartialRotary = rule({
  id: 'lift-partial-rotary',
  summary: 'Rotary position embedding of a part of each head is one operator on the whole heads.',
  fidelity: 'rounding',
  pattern: op('Concat', [turned, cut('high')], { name: 'joined', when: alongLast }),
  rewrite({ x, low, high, cos, sin, rotary, headsFirst }, draft) {
    if (low === undefined || high === undefined || rotary === undefined) return reject('the parts are not there', x)
    const heads = shapeOf(x)?.[headsFirst === undefined ? 2 : 1]
    const [size, half] = [shapeOf(x)?.[3], shapeOf(cos)?.at(-1)]
    if (typeof size !== 'number' || typeof half !== 'number') return reject('the size of the heads is not known', x)
    if (heads !== intOf(rotary, 'heads', 1)) return reject('what is turned are not these heads', rotary)
    if (!cutsAt(low, 0, 2 * half) || !cutsAt(high, 2 * half, size)) return reject('the slices are not what is turned and what is left', low)
    if (headsFirst === undefined) {
      const source = draft.op('Reshape', [x, draft.ints([0, 0, heads * size])])
      return draft.op('Reshape', [draft.op('lathe.Rotary', [source, cos, sin], rotary.attributes), draft.ints([0, 0, heads, size])])
    }
    const whole = asHeads(x, draft)
    if (whole === null) return reject('the number of heads or their size is not known', x)
    return withHeads(draft.op('lathe.Rotary', [whole.source, cos, sin], rotary.attributes), whole, draft)
  },
})
