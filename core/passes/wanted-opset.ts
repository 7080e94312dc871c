import { ProblemError, sentenceOf } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { raiseOpset } from '../onnx/opset-convert/raise.ts'
import { drive } from '../rewrite/drive.ts'
import type { Rule, Step } from '../rewrite/rule.ts'
import { lift } from '../rules/lift/index.ts'
import { linear } from '../rules/linear/index.ts'
import { tidy } from '../rules/tidy/index.ts'
import { inferShapes } from '../shapes/infer.ts'
import { kernelLimit } from '../targets/last-kernels.ts'

/** The operator set from which the standard has an operator for what a rule lifts. */
const standardSince: Readonly<Record<string, number>> = {
  'lift-layer-normalization': 17,
  'lift-moments-normalization': 17,
  'lift-gelu': 20,
  'lift-gelu-tanh': 20,
  'lift-rms-normalization': 23,
  'lift-attention': 23,
  'lift-merged-attention': 23,
  'lift-single-head-attention': 23,
  'lift-rotary': 23,
}

/** The operator set that the lowerings to contrib operators of onnxruntime want: older ones have no LayerNormalization, and no part of a Shape. */
export const contribSince: Readonly<Record<string, number>> = {
  'lift-layer-normalization': 17,
  'lift-moments-normalization': 17,
  'lift-attention': 17,
  'lift-merged-attention': 17,
  'lift-rotary': 17,
}

export interface Raised {
  readonly model: Model
  /** Why the operator set stayed as it is, or below another, where a newer one would have brought something. */
  readonly notes: readonly string[]
}

/**
 * The model at the operator set that the operators for its fusions want (by rule that finds them), at most `newest`, and none for which the
 * runtime has no kernel of an operator in the model; the model itself when it needs no newer one, or cannot be raised.
 * @param attention the rules that lift attention
 */
export function atWantedOpset(model: Model, newest: number, attention: readonly Step[], since = standardSince): Raised {
  return raised(
    model,
    Object.values(wantedBy(model, attention, since)).filter((opset) => opset <= newest),
  )
}

/** The model at the newest of the wished operator sets that the runtime has kernels in. */
function raised(model: Model, wished: readonly number[]): Raised {
  const limit = kernelLimit(model)
  const newest = Math.max(...wished, 0)
  const wanted = limit === null ? newest : Math.max(...wished.filter((opset) => opset <= limit.opset), 0)
  const notes = limit === null || newest <= limit.opset ? [] : [`${limit.why}: what needs operator set ${newest} is not fused.`]
  if (wanted <= model.opset) return { model, notes }
  const fork = model.fork()
  try {
    raiseOpset(fork, wanted)
    return { model: fork, notes }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { model, notes: [`The operator set stays at ${model.opset}: ${sentenceOf(error.problem)}`] }
  }
}

/** For each lift that finds something in the model, the operator set that its standard operator needs. */
function wantedBy(model: Model, attention: readonly Step[], since: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const fork = model.fork()
  const shapes = inferShapes(fork)
  const found = [lift, [...linear, ...attention, ...tidy]].flatMap((steps) => [...drive(fork, steps, { infer: shapes.node }).counts.keys()])
  return Object.fromEntries(Object.entries(since).filter(([rule]) => found.includes(rule)))
}

/**
 * The model, after its lifts, at the operator set in which the standard has an operator for canonical ones that no rule of `lowering` takes in the
 * set it is of; the model itself when there are none, or it cannot be raised.
 */
export function atOpsetForRest(model: Model, lowering: readonly Rule[]): Raised {
  const wanted = standardOperators.filter(({ opset }) => opset > model.opset)
  const standing = (fork: Model) => wanted.filter(({ opType }) => [...allNodes(fork.graph)].some((node) => isCanonical(node, opType)))
  if (standing(model).length === 0) return { model, notes: [] }
  const fork = model.fork()
  drive(fork, lowering, { infer: inferShapes(fork).node })
  return raised(
    model,
    standing(fork).map(({ opset }) => opset),
  )
}

/** Canonical operators that the standard has under other names, and since when. */
const standardOperators = [
  { opType: 'Attention', opset: 23 },
  { opType: 'Rotary', opset: 23 },
]

const isCanonical = (node: Node, opType: string): boolean => node.domain === 'lathe' && node.opType === opType
