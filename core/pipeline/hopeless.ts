import type { Plan } from '../api/answers.ts'
import { type Problem, ProblemError, problemOf } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import type { Pass } from '../pass.ts'
import type { Place } from './place.ts'
import { pathTo } from './plan.ts'

type Known = Pick<Place, 'passes' | 'data' | 'target'>

/**
 * Stages that need not begin, with the problem that says why: those that are sure to fail, told by what they say of the opened model, and
 * those whose work only such stages would go on with. What comes behind a failed stage is not among them.
 */
export function hopelessStages(plan: Plan, place: Known, source: Model): ReadonlyMap<string, Problem> {
  const hopeless = new Map<string, Problem>()
  for (const id of plan.order) {
    const problem = sureProblem(id, plan, place, source)
    if (problem !== null) hopeless.set(id, { ...problem, where: { ...problem.where, stage: id } })
  }
  if (hopeless.size === 0) return hopeless
  const failing = new Map(hopeless)
  for (const id of plan.order) {
    const leaves = plan.leaves.filter((leaf) => pathTo(leaf, plan.before).includes(id))
    const reasons = leaves.map((leaf) => pathTo(leaf, plan.before).find((stage) => failing.has(stage)))
    if (reasons.every((reason) => reason !== undefined) && reasons[0] !== undefined && !hopeless.has(id))
      hopeless.set(id, failing.get(reasons[0]) as Problem)
  }
  return hopeless
}

/** A name that is to be kept may come to be on the way: what cannot be told yet is left to the stage. */
function isPointless(pass: Pass, source: Model, options: unknown): boolean {
  try {
    return (pass.pointless?.(source, options) ?? null) !== null
  } catch (error) {
    if (error instanceof ProblemError) return true
    throw error
  }
}

function sureProblem(id: string, plan: Plan, { passes, data, target }: Known, source: Model): Problem | null {
  const stageOf = (wanted: string) => plan.pipeline.stages.find((stage) => stage.id === wanted)
  const passAt = (wanted: string) => passes.find((each) => each.id === stageOf(wanted)?.pass)
  const [pass, options] = [passAt(id), stageOf(id)?.options]
  if (pass?.check === undefined) return null
  // What rounds before may leave it nothing to do.
  const rounded = pathTo(id, plan.before).some((earlier) => earlier !== id && passAt(earlier)?.fidelity === 'lossy')
  if (rounded || isPointless(pass, source, options)) return null
  try {
    pass.check(source, options, { calibration: data?.calibration != null, target })
    return null
  } catch (error) {
    return problemOf(error)
  }
}
