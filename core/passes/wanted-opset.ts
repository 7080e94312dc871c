import { ProblemError, sentenceOf } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { raiseOpset } from '../onnx/opset-convert/raise.ts'
import { drive } from '../rewrite/drive.ts'
import { attention } from '../rules/attention/index.ts'
import { lift } from '../rules/lift/index.ts'
import { linear } from '../rules/linear/index.ts'
import { tidy } from '../rules/tidy/index.ts'
import { inferShapes } from '../shapes/infer.ts'

/** The operator set from which the standard has an operator for what a rule lifts. */
const standardSince: Readonly<Record<string, number>> = {
  'lift-layer-normalization': 17,
  'lift-gelu': 20,
  'lift-gelu-tanh': 20,
  'lift-rms-normalization': 23,
  'lift-attention': 23,
}

export interface Raised {
  readonly model: Model
  /** Why the operator set stayed as it is, where a newer one would have brought something. */
  readonly notes: readonly string[]
}

/**
 * The model at the operator set that the standard operators for its fusions want, at most `newest`; the model itself when it needs no newer one,
 * or cannot be raised.
 */
export function atWantedOpset(model: Model, newest: number): Raised {
  const wanted = Math.max(...Object.values(wantedBy(model)).filter((opset) => opset <= newest), 0)
  if (wanted <= model.opset) return { model, notes: [] }
  const fork = model.fork()
  try {
    raiseOpset(fork, wanted)
    return { model: fork, notes: [] }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { model, notes: [`The operator set stays at ${model.opset}: ${sentenceOf(error.problem)}`] }
  }
}

/** For each lift that finds something in the model, the operator set that its standard operator needs. */
function wantedBy(model: Model): Readonly<Record<string, number>> {
  const fork = model.fork()
  const shapes = inferShapes(fork)
  const found = [lift, [...linear, ...attention, ...tidy]].flatMap((steps) => [...drive(fork, steps, { infer: shapes.node }).counts.keys()])
  return Object.fromEntries(Object.entries(standardSince).filter(([rule]) => found.includes(rule)))
}
