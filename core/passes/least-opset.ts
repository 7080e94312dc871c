import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { raiseOpset } from '../onnx/opset-convert/raise.ts'
import { unsupportedProblem } from '../onnx/problems.ts'
import { inferShapes } from '../shapes/infer.ts'
import { type KernelLimit, kernelLimit } from '../targets/last-kernels.ts'

/** The operator set from which quantizers take a scale for each channel. */
export const perChannelOpset = 13

/**
 * Raises the operator set of a model to `least`, where an operator that a pass is about to use begins. Nodes may be replaced on the way:
 * what was found in the model before has to be found again.
 * @returns whether the model changed
 * @throws ProblemError that names the operator that cannot be raised, or that the runtime has no kernel for there; the model is of no use then
 */
export function raiseToLeast(model: Model, least: number): boolean {
  if (model.opset >= least) return false
  const limit = kernelLimit(model)
  if (limit !== null && limit.opset < least) throw noKernel(limit)
  inferShapes(model)
  raiseOpset(model, least)
  return true
}

const noKernel = ({ opset, node, why }: KernelLimit) =>
  unsupportedProblem('opset-without-kernel', why, { node }, `Choose what operator set ${opset} has, or do without that operator.`)

/** Why a model cannot be raised to the operator set that a pass needs, as a reason to leave it as it is; `null` when it can. */
export function whyNotRaised(model: Model, least: number): string | null {
  try {
    raiseToLeast(model.opset >= least ? model : model.fork(), least)
    return null
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { what, where } = error.problem
    const place = where.node === undefined ? '' : ` (node ${where.node})`
    return `this takes operator set ${least}, and the model stays at ${model.opset} because ${what}${place}`
  }
}
