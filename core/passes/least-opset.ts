import type { Model } from '../ir/model.ts'
import { raiseOpset } from '../onnx/opset-convert/raise.ts'
import { inferShapes } from '../shapes/infer.ts'

/**
 * Raises the operator set of a model to `least`, where an operator that a pass is about to use begins. Nodes may be replaced on the way:
 * what was found in the model before has to be found again.
 * @returns whether the model changed
 * @throws ProblemError that names the operator that cannot be raised; the model is of no use then
 */
export function raiseToLeast(model: Model, least: number): boolean {
  if (model.opset >= least) return false
  inferShapes(model)
  raiseOpset(model, least)
  return true
}
