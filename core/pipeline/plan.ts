import type { z } from 'zod'
import type { Plan } from '../api/answers.ts'
import { suggestion } from '../api/nearest.ts'
import { type Pipeline, pipelineSchema, type Stage, type Target } from '../api/pipeline.ts'
import { type Problem, ProblemError } from '../api/problem.ts'
import type { Pass } from '../pass.ts'
import { conflictsOf } from './conflicts.ts'
import { applySettings } from './settings.ts'

const source = 'source'

/** Files of the output folder: a stage of that name could not have its folder beside them. */
const outputNames = new Set(['report.json', 'report.html', 'report.md', 'pipeline.json', 'lineage.json', 'model.onnx', 'model.onnx.data'])

export interface PlanInput {
  readonly document: unknown
  readonly passes: readonly Pass[]
  /** `stage-id.option=JSON`. */
  readonly settings?: readonly string[]
  readonly target?: Target
  /** File that the document was read from, for problems. */
  readonly file?: string
}

/**
 * Checks a pipeline document in full and says in which order its stages run.
 * @throws ProblemError `input` with the path to what is wrong in the document, `usage` for a setting that fits nothing in it
 */
export function planOf({ document, passes, settings = [], target, file }: PlanInput): Plan {
  const fail = inputProblem(file)
  const parsed = pipelineSchema.safeParse(document)
  if (!parsed.success) throw fail('bad-pipeline', ...firstIssue(parsed.error, document))
  const pipeline = target === undefined ? parsed.data : { ...parsed.data, target }
  checkIds(pipeline, fail)
  checkPasses(pipeline, passes, fail)
  const stages = applySettings(pipeline.stages, settings, passes).map((stage, at) => ({
    ...stage,
    options: checkedOptions(stage, at, passes, fail),
  }))
  const wires = pipeline.wires ?? chainOf(stages)
  const before = predecessors(stages, wires, pipeline.wires !== undefined, fail)
  const order = orderOf(stages, before, fail)
  const fed = new Set(before.values())
  const leaves = order.filter((id) => !fed.has(id))
  return {
    pipeline: { ...pipeline, stages, wires },
    order,
    leaves,
    before: Object.fromEntries(before),
    warnings: conflictsOf({ ...pipeline, stages }, before, passes),
  }
}

/** The stages from the source to a stage, that stage included. */
export function pathTo(stage: string, before: Readonly<Record<string, string>>): string[] {
  const path: string[] = []
  for (let at: string | undefined = stage; at !== undefined && at !== source; at = before[at]) path.unshift(at)
  return path
}

type Fail = (code: string, path: string, what: string, mend: string) => ProblemError

function inputProblem(file: string | undefined): Fail {
  return (code, path, what, mend) => {
    const problem: Problem = { kind: 'input', code, what, where: { ...(file === undefined ? {} : { file }), path }, mend }
    return new ProblemError(problem)
  }
}

function checkIds({ stages }: Pipeline, fail: Fail): void {
  const seen = new Set<string>()
  stages.forEach(({ id }, at) => {
    if (id === source)
      throw fail('reserved-stage', `stages[${at}].id`, `'${source}' is the opened model, not a stage`, 'Give the stage another id.')
    if (outputNames.has(id.toLowerCase())) {
      const what = `'${id}' is the name of a file that a run writes, and a branch is written to a folder named by its stage`
      throw fail('reserved-stage', `stages[${at}].id`, what, 'Give the stage another id.')
    }
    if (seen.has(id)) throw fail('duplicate-stage', `stages[${at}].id`, `Two stages have the id '${id}'`, 'Give one of them another id.')
    seen.add(id)
  })
}

function checkPasses({ stages }: Pipeline, passes: readonly Pass[], fail: Fail): void {
  const ids = passes.map(({ id }) => id)
  stages.forEach(({ pass }, at) => {
    if (ids.includes(pass)) return
    throw fail('unknown-pass', `stages[${at}].pass`, `There is no pass '${pass}'`, suggestion(pass, ids))
  })
}

function checkedOptions(stage: Stage, at: number, passes: readonly Pass[], fail: Fail): Record<string, unknown> {
  const pass = passes.find(({ id }) => id === stage.pass)!
  const parsed = pass.options.safeParse(stage.options)
  if (parsed.success) return parsed.data as Record<string, unknown>
  throw fail('bad-option', ...firstIssue(parsed.error, stage.options, `stages[${at}].options`))
}

/** Path, sentence and mend of the first thing that zod found wrong. */
function firstIssue(error: z.ZodError, document: unknown, prefix = ''): [path: string, what: string, mend: string] {
  const issue = error.issues[0]!
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : []
  const path = pathText([...issue.path, ...keys.slice(0, 1)], prefix)
  if (keys.length > 0)
    return [path, `'${keys[0]}' is not known here`, 'Correct its spelling or remove it; `lathe passes` lists the options.']
  const missing = valueAt(document, issue.path) === undefined
  return [path, missing ? `'${path}' is missing` : `${issue.message}`, missing ? 'Add it.' : 'Correct the value.']
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key]
  return value
}

function pathText(path: readonly PropertyKey[], prefix: string): string {
  let text = prefix
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : text === '' ? String(key) : `.${String(key)}`
  return text
}

function chainOf(stages: readonly Stage[]): [string, string][] {
  return stages.map(({ id }, at) => [at === 0 ? source : stages[at - 1]!.id, id])
}

/** Stage -> the one before it. */
function predecessors(stages: readonly Stage[], wires: readonly [string, string][], given: boolean, fail: Fail): Map<string, string> {
  const ids = stages.map(({ id }) => id)
  const before = new Map<string, string>()
  wires.forEach(([from, to], at) => {
    const path = `wires[${at}]`
    if (from !== source && !ids.includes(from))
      throw fail('unknown-stage', `${path}[0]`, `There is no stage '${from}'`, suggestion(from, [source, ...ids]))
    if (!ids.includes(to)) throw fail('unknown-stage', `${path}[1]`, `There is no stage '${to}'`, suggestion(to, ids))
    if (before.has(to)) {
      const mend = 'A stage takes one model: remove one of the wires.'
      throw fail('two-wires', path, `Stage '${to}' is wired to both '${before.get(to)}' and '${from}'`, mend)
    }
    before.set(to, from)
  })
  stages.forEach(({ id }, at) => {
    if (before.has(id)) return
    const mend = given ? `Add a wire to it, such as ["source", "${id}"], or remove the stage.` : 'Remove the stage.'
    throw fail('unwired-stage', `stages[${at}]`, `Nothing is wired to stage '${id}'`, mend)
  })
  return before
}

/** Stages after what feeds them, otherwise as in the document. */
function orderOf(stages: readonly Stage[], before: ReadonlyMap<string, string>, fail: Fail): string[] {
  const order: string[] = []
  const done = new Set([source])
  for (let left = stages.map(({ id }) => id); left.length > 0; ) {
    const ready = left.filter((id) => done.has(before.get(id)!))
    if (ready.length === 0)
      throw fail('circle', 'wires', `The stages ${left.join(', ')} are wired in a circle`, 'Wire one of them to "source" instead.')
    // One at a time, so that a branch is finished before the next begins.
    const next = ready.find((id) => before.get(id) === order.at(-1)) ?? ready[0]!
    order.push(next)
    done.add(next)
    left = left.filter((id) => id !== next)
  }
  return order
}
