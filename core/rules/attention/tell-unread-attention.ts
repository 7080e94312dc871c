import type { Node, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'

const products: ReadonlySet<string> = new Set(['MatMul', 'Einsum'])
const views: ReadonlySet<string> = new Set([
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Cast',
  'Dropout',
  'Identity',
  'Slice',
  'Expand',
])
/** Scales and masks, which every rule for attention reads. */
const read: ReadonlySet<string> = new Set(['Add', 'Where', 'Mul', 'Div'])
const others: ReadonlySet<string> = new Set([
  'Sub',
  'Max',
  'Min',
  'Tanh',
  'Clip',
  'Pow',
  'Sqrt',
  'Exp',
  'Neg',
  'Einsum',
  'Gather',
  'GatherElements',
  'Concat',
])
/** Between the products of an attention and its Softmax stand no more operators. */
const most = 8

/** Scores or weights of heads, of four axes, times a constant: heads that talk to one another (CaiT). */
const isMixing = (node: Node): boolean =>
  products.has(node.opType) && node.inputs.some((input) => input?.constant != null) && (rankOf(node.outputs[0] as Value) ?? 0) >= 4

/** What leads from a product of two computed values to a Softmax, the nearest first, the product last; `null` where nothing does. */
function scoresBehind(value: Value, left = most): readonly Node[] | null {
  const node = value.producer
  if (node === null || node.domain !== '' || left === 0) return null
  if (products.has(node.opType) && !isMixing(node))
    return node.inputs.every((input) => input !== null && input.constant === null) ? [node] : null
  if (!isMixing(node) && !views.has(node.opType) && !read.has(node.opType) && !others.has(node.opType)) return null
  for (const input of views.has(node.opType) ? node.inputs.slice(0, 1) : node.inputs) {
    const before = input === null || input.constant !== null ? null : scoresBehind(input, left - 1)
    if (before !== null) return [node, ...before]
  }
  return null
}

/** What leads from a Softmax to a product with computed values, the product last. */
function contextAfter(value: Value, left = most): readonly Node[] | null {
  if (left === 0) return null
  for (const { node } of value.uses) {
    if (node.domain !== '') continue
    if (products.has(node.opType) && !isMixing(node)) {
      if (node.inputs.every((input) => input === value || (input !== null && input.constant === null))) return [node]
      continue
    }
    if (!isMixing(node) && !views.has(node.opType) && !read.has(node.opType)) continue
    const after = contextAfter(node.outputs[0] as Value, left - 1)
    if (after !== null) return [node, ...after]
  }
  return null
}

function sentenceOf(softmax: Node, before: readonly Node[], after: readonly Node[]): readonly [string, Node] {
  const strange = before.slice(0, -1).find(({ opType }) => !read.has(opType) && !views.has(opType))
  if (strange !== undefined)
    return [`between the scores and their Softmax stands ${strange.opType}, which is no scale and no mask`, strange]
  const mixed = after.slice(0, -1).find(({ opType }) => !views.has(opType))
  if (mixed !== undefined) return [`the weights go through ${mixed.opType} before they weigh the values`, mixed]
  const einsum = [...before, ...after].find(({ opType }) => opType === 'Einsum')
  if (einsum !== undefined) return ['one of its products is an Einsum that is no product of two matrices', einsum]
  const rank = rankOf(softmax.inputs[0] as Value)
  if (rank !== null && rank > 4)
    return [`its scores have ${rank} axes, and attention has four: sequences, heads, queries and keys`, softmax]
  return ['views around its products hide which axes are sequences and heads', softmax]
}

/** A Softmax between two products of computed values is attention: where no rule that lifts it says why it did not, this one does. */
export const tellUnreadAttention = rule({
  id: 'tell-unread-attention',
  summary: 'Says of attention that no other rule reads what is in the way.',
  fidelity: 'exact',
  lastResort: true,
  pattern: op('Softmax', [any()], {
    name: 'softmax',
    when: (node) =>
      (scoresBehind(node.inputs[0] as Value) !== null && contextAfter(node.outputs[0] as Value) !== null) ||
      'it does not stand between two products of computed values',
  }),
  rewrite({ softmax }) {
    const before = scoresBehind(softmax.inputs[0] as Value) ?? []
    const after = contextAfter(softmax.outputs[0] as Value) ?? []
    const [sentence, at] = sentenceOf(softmax, before, after)
    return reject(sentence, at)
  },
})
