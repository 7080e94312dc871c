import type { Node, Value } from '../../ir/value.ts'
import type { ConstantValue } from '../../rewrite/pattern.ts'
import { op, rest } from '../../rewrite/pattern.ts'
import { Rejection, reject, rule } from '../../rewrite/rule.ts'
import { type Branch, mergedBranches } from './merged-branches.ts'

export const mergeConvsOfSum = rule({
  id: 'merge-convs-of-sum',
  summary: 'Of several terms two convolutions of the same value are one convolution; what is left is added.',
  fidelity: 'rounding',
  pattern: op('Sum', [rest('terms')], 'sum'),
  rewrite({ terms, sum }, draft) {
    const pairs = terms.flatMap((one, i) => terms.slice(i + 1).map((two) => [one, two] as const))
    let why: Rejection | null = null
    for (const pair of pairs) {
      const [one, two] = pair.map((term) => branchOf(term, sum))
      if (!one || !two || one.conv.inputs[0] !== two.conv.inputs[0]) continue
      const merged = mergedBranches(draft, one.conv.inputs[0] as Value, [one, two])
      if (merged instanceof Rejection) why ??= merged
      else {
        const [next, ...others] = terms.filter((term) => !pair.includes(term))
        if (next === undefined) return merged
        return others.length === 0 ? draft.op('Add', [merged, next]) : draft.op('Sum', [merged, next, ...others])
      }
    }
    return why ?? reject('no two terms are convolutions of the same value', sum)
  },
})

/** A convolution by constants that nothing else reads, in the graph of the sum: in a loop it would be computed time and again. */
function branchOf(term: Value | null, sum: Node): Branch | null {
  const conv = term?.producer
  if (term === null || conv?.opType !== 'Conv' || conv.domain !== '' || conv.graph !== sum.graph) return null
  if (term.uses.length !== 1 || term.isOutput) return null
  const [, weight, bias = null] = conv.inputs
  return isConstant(weight) && (bias === null || isConstant(bias)) ? { conv, weight, bias } : null
}

const isConstant = (value: Value | null | undefined): value is ConstantValue => value?.constant != null
