import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

const half: ReadonlySet<string | null> = new Set(['float16', 'bfloat16'])

export const liftNormCasts = rule({
  id: 'lift-norm-casts',
  summary:
    'A normalization of half floats that is computed in float32 between two casts is one of half floats: it computes in float32 by itself.',
  fidelity: 'rounding',
  pattern: op('Cast', [op('lathe.Norm', [op('Cast', [any('x')], { name: 'cast', shared: true })], 'norm')]),
  rewrite({ x, cast, norm }, draft) {
    const [from, over, to] = [x, cast.outputs[0] as typeof x, draft.root.outputs[0] as typeof x].map(dtypeOf)
    if (!half.has(from ?? null) || over !== 'float32' || to !== from)
      return reject('it does not go from half floats to float32 and back', cast)
    return draft.op('lathe.Norm', [x], norm.attributes)
  },
})
