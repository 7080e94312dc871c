import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { Rejection, rule } from '../../rewrite/rule.ts'
import { mergedBranches } from './merged-branches.ts'

const branch = <W extends string, B extends string, N extends string>(weight: W, bias: B, name: N) =>
  op('Conv', [any('x'), constant(weight), maybe(constant(bias))], name)

const [first, second] = [branch('w1', 'b1', 'first'), branch('w2', 'b2', 'second')]

export const mergeParallelConvs = rule({
  id: 'merge-parallel-convs',
  summary: 'The sum of two convolutions of the same value is one convolution: the smaller kernel lies inside of the larger.',
  fidelity: 'rounding',
  // Between them something else may be added, such as a third that lies inside of one of them alone.
  pattern: oneOf(op('Add', [first, second]), op('Add', [op('Add', [first, any('between')]), second])),
  rewrite({ x, w1, b1, first, w2, b2, second, between }, draft) {
    const merged = mergedBranches(draft, x, [
      { conv: first, weight: w1, bias: b1 },
      { conv: second, weight: w2, bias: b2 },
    ])
    return merged instanceof Rejection || between === undefined ? merged : draft.op('Add', [merged, between])
  },
})
