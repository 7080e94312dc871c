import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { newestOpset } from '../onnx/opset.ts'
import { raiseOpset } from '../onnx/opset-convert/raise.ts'
import { inferShapes } from '../shapes/infer.ts'

/**
 * A version in a newer standard operator set; the version itself where it is in it already, or none was asked for.
 * @throws ProblemError `opset-range` below the version's own set or past the newest known one, and where an operator cannot be raised
 */
export function inOpset(model: Model, opset: number | undefined): Model {
  if (opset === undefined || opset === model.opset) return model
  if (opset < model.opset || opset > newestOpset)
    throw new ProblemError({
      kind: 'input',
      code: 'opset-range',
      what: `The file cannot be written in operator set ${opset}`,
      where: { path: 'opset' },
      mend: `Choose one from ${model.opset}, in which it is, to ${newestOpset}. Operators are raised to newer sets, never lowered.`,
    })
  const raised = model.fork()
  inferShapes(raised)
  raiseOpset(raised, opset)
  return raised
}
