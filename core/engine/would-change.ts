import { setTimeout as pause } from 'node:timers/promises'
import type { WouldChange } from '../api/answers.ts'
import type { Machine } from '../api/measurement.ts'
import type { Target } from '../api/pipeline.ts'
import { ProblemError, problemOf, sentenceOf } from '../api/problem.ts'
import type { WouldChangeRequest } from '../api/requests.ts'
import type { Model } from '../ir/model.ts'
import { allNodes } from '../ir/walk.ts'
import type { Pass, PassContext } from '../pass.ts'
import { isTflite } from '../tflite/model.ts'
import type { Control } from './interface.ts'
import type { Workshop } from './workshop.ts'

/**
 * For every pass how many nodes it would change on this version, or why none. Passes are tried on a fork, without running anything; those
 * that need samples or times to choose only say among how many nodes they would.
 */
export async function wouldChange(workshop: Workshop, request: WouldChangeRequest, control: Control = {}): Promise<WouldChange> {
  const { model } = workshop.find(request, 'look')
  if (isTflite(model))
    return workshop.passes.map(({ id }) => ({ pass: id, nodes: 0, atMost: null, why: 'a .tflite file is only looked at' }))
  const machine = await workshop.machine(false)
  const answers: WouldChange = []
  for (const pass of workshop.passes) {
    control.signal?.throwIfAborted()
    control.onProgress?.(pass.id, answers.length, workshop.passes.length)
    // Lets other calls have their turn: a try takes a while on a large model.
    await pause(0)
    const surroundings = { target: request.target ?? 'ort', machine, signal: control.signal }
    const { left: _, ...answer } = await tryPass(pass, model, request.options?.[pass.id] ?? {}, surroundings)
    answers.push(answer)
  }
  return answers
}

export interface Surroundings {
  readonly target: Target
  readonly machine: Machine
  readonly signal?: AbortSignal | undefined
}

/** What a pass would change, and how many nodes it would leave; `null` where it would have to run something to tell. */
export type Tried = WouldChange[number] & { readonly left: number | null }

/** What a pass would change on a model, found on a fork of it without running anything. */
export async function tryPass(
  pass: Pass,
  model: Model,
  given: Readonly<Record<string, unknown>>,
  { target, machine, signal = dryContext.signal }: Surroundings,
): Promise<Tried> {
  const untold: Tried = { pass: pass.id, nodes: null, atMost: null, why: null, left: null }
  let undecided = false
  const context: PassContext = {
    ...{ ...dryContext, target, machine, signal },
    // Nothing is timed: no rounds, by which any two ways are alike and the pass keeps to what it would do without.
    time: (models) => {
      undecided = true
      return Promise.resolve({ runs: models.map(() => []), copies: models.map(() => []), floor: Number.POSITIVE_INFINITY })
    },
  }
  const options = pass.options.safeParse(given)
  if (!options.success) return { ...untold, why: 'its options are not complete' }
  const fork = model.fork()
  try {
    const why = pass.pointless?.(model, options.data) ?? null
    if (why !== null) return { ...untold, nodes: 0, why }
    if (pass.atMost !== undefined) return { ...untold, atMost: pass.atMost(fork, options.data) }
    const result = await pass.run(fork, options.data, context)
    const nodes = result.parts.reduce((sum, part) => sum + changedNodes(model, part), 0)
    if (undecided) return { ...untold, atMost: nodes }
    const left = result.parts.reduce((sum, part) => sum + [...allNodes(part.graph)].length, 0)
    return { ...untold, nodes, why: result.changed ? null : 'nothing to change', left }
  } catch (error) {
    // What it did before it wanted to run something, and what it wanted to compute ahead: a little may come after that.
    if (error instanceof NeedsRuntime) return { ...untold, nodes: changedNodes(model, fork) + error.nodes || null }
    const problem = problemOf(error)
    if (problem.kind === 'internal' || problem.kind === 'cancelled') throw error
    return { ...untold, nodes: 0, why: sentenceOf(problem) }
  }
}

/** Nodes that are gone. What was edited in place is counted by the rules' own changes. */
function changedNodes(before: Model, after: Model): number {
  const left = new Set([...allNodes(after.graph)].map(({ id }) => id))
  const gone = [...allNodes(before.graph)].filter(({ id }) => !left.has(id)).length
  const added = [...left].length - [...allNodes(before.graph)].length + gone
  return Math.max(gone, added)
}

/** Thrown where a pass would run a model: nothing is run for a preview. */
class NeedsRuntime extends ProblemError {
  /** Nodes whose results, computed from constants alone, would stand in their place. */
  readonly nodes: number
  constructor(nodes = 0) {
    super({ kind: 'unsupported', code: 'preview', what: 'A preview runs no model', where: {}, mend: 'Run the pipeline.' })
    this.nodes = nodes
  }
}

const refuse = () => Promise.reject(new NeedsRuntime())

const dryContext: Omit<PassContext, 'machine' | 'target' | 'time'> = {
  execute: (model, feeds) => Promise.reject(new NeedsRuntime(Object.keys(feeds).length === 0 ? model.graph.nodeCount : 0)),
  observe: refuse,
  evaluate: refuse,
  dataset: null,
  memo: (_key, make) => make(),
  progress: () => undefined,
  signal: new AbortController().signal,
}
