import { float, int, intOf, ints, intsOf } from '../../ir/attributes.ts'
import type { Attribute, Node, Value } from '../../ir/value.ts'
import type { SingleHead } from '../../rewrite/canonical.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, type Condition, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { type Rule, reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, rankOf, shapeOf } from '../../shapes/shape-facts.ts'
import { composed, type MaskSteps } from './mask-terms.ts'
import { factorOf, maskedScores } from './masked-scores.ts'
import { type AllRows, countsHeads, exchanging, inThreeAxes, objectionTo, outOfThreeAxes, rowsOf } from './single-head.ts'
import { unscaled } from './unscaled.ts'

/** Whether a Transpose exchanges the last two axes and nothing else. */
const turnsMatrix: Condition<Node> = (node) => {
  const perm = intsOf(node, 'perm') ?? (rankOf(node.outputs[0] as Value) === 2 ? [1, 0] : [])
  return (perm.length > 1 && perm.join() === exchanging(perm.length).join()) || 'it exchanges other axes than the last two'
}

/** Two axes, three, or four of which the second, for heads, is 1. */
const ofOneHead: Condition<Node> = (softmax) => {
  const shape = shapeOf(softmax.inputs[0] as Value)
  return shape?.length === 2 || shape?.length === 3 || (shape?.length === 4 && shape[1] === 1) || 'the scores have an axis for heads'
}

/** Else lift-merged-attention tells of it. */
const ofSequences: Condition<Value> = (query) => !countsHeads(query) || 'sequences and heads are one axis'
const scores = maskedScores(ofSequences)
const plain = op('Softmax', [oneOf(scores, op('Transpose', [scores], { name: 'turnedScores', when: turnsMatrix }))], {
  name: 'softmax',
  when: ofOneHead,
})
const guarded = op('Where', [op('IsNaN', [any('guarded')]), scalar(0), plain])
const upright = oneOf(plain, guarded)
const weights = oneOf(upright, op('Transpose', [upright], { name: 'turnedWeights', when: turnsMatrix }))

/**
 * softmax(q k^T * scale + mask) v without heads: of small models, of torch's MultiheadAttention with one head, and of images seen as sequences of
 * places (non-local blocks: Wang et al., 2018; SAGAN: Zhang et al., 2019; the autoencoders of latent diffusion), which keep channels before places
 * and so multiply the other way round, (v^T p^T) for p v, or weigh along the first axis of k q^T. Without an axis of sequences it is one sequence.
 *
 * It is attention only where queries, keys and values are all computed: scores against weights are a choice among classes or experts, a sum of
 * weights is a look-up, and queries that are weights pool. All of these are products with weights too, which quantization wants to see.
 */
export const liftSingleHeadAttention = liftSingleHeadWhere(() => null)

/** The same rule, but that it refuses with a sentence where `objection` has one. */
export function liftSingleHeadWhere(objection: (found: SingleHead) => string | null): Rule {
  return rule({
    id: 'lift-single-head-attention',
    summary: 'Products, scaling, mask and Softmax of attention without heads become one operator.',
    fidelity: 'rounding',
    pattern: oneOf(op('MatMul', [weights, any('values')], 'context'), op('MatMul', [any('values'), weights], 'turnedContext')),
    rewrite(found, draft) {
      const { softmax, guarded, product, turnedScores, turnedWeights, turnedContext } = found
      // Whether the axis of keys comes before that of queries: where values are weighed, in what Softmax sees, in the product of the scores.
      const weighed = turnedContext !== undefined
      const seen = weighed !== (turnedWeights !== undefined)
      const scored = seen !== (turnedScores !== undefined)
      const rank = rankOf(product.outputs[0] as Value) ?? 0
      if (!runsAlong(softmax, seen ? rank - 2 : rank - 1, rank)) return reject('the Softmax does not run over the keys', softmax)
      if (guarded !== undefined && guarded !== softmax.outputs[0]) return reject('what is made zeros is not this Softmax', softmax)
      const [[left, byLeft], [right, byRight]] = [unscaled(found.query), unscaled(found.keys)]
      const rows = {
        queries: scored ? rowsOf(right, true, draft) : rowsOf(left, false, draft),
        keys: scored ? rowsOf(left, false, draft) : rowsOf(right, true, draft),
        values: rowsOf(found.values, weighed, draft),
      }
      const against = objectionTo(rows, rank)
      if (against !== null) return reject(against.sentence, against.at)
      const scale = byLeft * byRight * factorOf(found)
      if (!(scale > 0)) return reject(`the scores are scaled by ${scale}`, softmax)
      const mask = maskFor(found, { rank, turned: scored, softmax }, draft)
      if (typeof mask === 'string') return reject(mask, softmax)
      const unpaid = objection(sizesOf(rows, { rank, masked: mask !== null, softcapped: found.softcap !== undefined }))
      if (unpaid !== null) return reject(unpaid, softmax)
      const attributes: Record<string, Attribute> = { heads: int(1), kv_heads: int(1), scale: float(scale) }
      if (guarded !== undefined && mask !== null) attributes.safe = int(1)
      if (found.softcap !== undefined) attributes.softcap = float(found.softcap)
      const inputs = [rows.queries, rows.keys, rows.values].map((each) => inThreeAxes(each, rank, draft))
      const attended = draft.op('lathe.Attention', mask === null ? inputs : [...inputs, mask], attributes, { name: softmax.name })
      const context = outOfThreeAxes(attended, rows.values, { rank, draft })
      return weighed ? draft.op('Transpose', [context], { perm: ints(exchanging(rank)) }) : context
    },
  })
}

/** Of rows that nothing speaks against. */
const sizesOf = (
  { queries, keys, values }: AllRows,
  { rank, masked, softcapped }: { readonly rank: number; readonly masked: boolean; readonly softcapped: boolean },
): SingleHead => ({
  ...{ masked, softcapped, bare: rank === 2, dtype: dtypeOf(queries.read) },
  sequences: rank === 2 ? 1 : (queries.leading?.[0] ?? null),
  queries: queries.length,
  keys: keys.length,
  size: queries.size as number,
  valueSize: values.size as number,
})

function runsAlong(softmax: Node, axis: number, rank: number): boolean {
  const since13 = softmax.graph.model.opset >= 13
  const own = intOf(softmax, 'axis', since13 ? -1 : 1)
  // Before operator set 13 it runs over all axes from its own on.
  return (own < 0 ? own + rank : own) === axis && (since13 || axis === rank - 1)
}

interface Layout {
  readonly rank: number
  /** Keys come before queries. */
  readonly turned: boolean
  readonly softmax: Node
}

/** The mask as attention takes it, [batch, 1, queries, keys] or what broadcasts to it; `null` when there is none, a sentence when it is not to be had. */
function maskFor(steps: MaskSteps, { rank, turned, softmax }: Layout, draft: Draft): Value | null | string {
  const { term1, open1, closed1, term2, open2, closed2 } = steps
  const parts = [term1, open1, closed1, term2, open2, closed2].filter((part) => part !== undefined)
  if (parts.length === 0) return null
  if (turned) return 'the mask has keys before queries'
  const shapes = parts.map(shapeOf)
  if (shapes.some((shape) => shape === null)) return 'the shape of the mask is not known'
  if (shapes.some((shape) => (shape?.length ?? 0) > rank)) return 'the mask has more axes than the scores'
  if (widened(softmax.inputs[0] as Value, steps.product.outputs[0] as Value)) return 'the mask is of more sequences than the scores'
  const mask = composed(steps, draft)
  if (mask === null || typeof mask === 'string') return mask
  // An axis of sequences stands where attention has that of heads, but that it is 1.
  const ofSequences = rank === 3 && shapes.some((shape) => shape?.length === 3 && shape[0] !== 1)
  if (!ofSequences) return mask
  return draft.opset() < 13 ? draft.op('Unsqueeze', [mask], { axes: ints([1]) }) : draft.op('Unsqueeze', [mask, draft.ints([1])])
}

/** Whether a mask is known to make scores of what was one score. */
function widened(masked: Value, product: Value): boolean {
  const [before, after] = [shapeOf(product), shapeOf(masked)]
  return before?.some((dim, axis) => dim === 1 && after?.[axis] !== 1) === true
}
