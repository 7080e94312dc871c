import type { Mend } from '../../core/api/answers.ts'
import type { Pipeline, Stage } from '../../core/api/pipeline.ts'

export const sourceId = 'source'
export type Wire = readonly [string, string]

/** A pipeline whose wires are written out. */
export type WiredPipeline = Pipeline & { readonly wires: [string, string][] }

export function wired(pipeline: Pipeline): WiredPipeline {
  const chain = pipeline.stages.map((stage, i): [string, string] => [pipeline.stages[i - 1]?.id ?? sourceId, stage.id])
  return { ...pipeline, wires: pipeline.wires ?? chain }
}

export const after = ({ wires }: WiredPipeline, id: string): string[] => wires.filter(([from]) => from === id).map(([, to]) => to)
export const before = ({ wires }: WiredPipeline, id: string): string | null => wires.find(([, to]) => to === id)?.[0] ?? null

/** Stages that nothing follows: the candidates. */
export const leavesOf = (pipeline: WiredPipeline): string[] =>
  pipeline.stages.map(({ id }) => id).filter((id) => after(pipeline, id).length === 0)

/** Stages from the source to one of them, itself included. */
export function pathOf(pipeline: WiredPipeline, id: string): string[] {
  const path: string[] = []
  for (let at: string | null = id; at !== null && at !== sourceId && !path.includes(at); at = before(pipeline, at)) path.unshift(at)
  return path
}

/** A free id for a stage of a pass: the pass's own, then with a number. */
export function freshId(pipeline: Pipeline, pass: string): string {
  const taken = new Set([sourceId, ...pipeline.stages.map(({ id }) => id)])
  const base = pass.split('/').at(-1)!
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`
    if (!taken.has(id)) return id
  }
}

/** Puts a stage behind another, before everything that followed it. */
export function insertAfter(pipeline: WiredPipeline, stage: Stage, previous: string): WiredPipeline {
  const wires = pipeline.wires.map(([from, to]): [string, string] => (from === previous ? [stage.id, to] : [from, to]))
  return { ...pipeline, stages: [...pipeline.stages, stage], wires: [...wires, [previous, stage.id]] }
}

/** Puts a stage onto one wire. */
export function insertOn(pipeline: WiredPipeline, stage: Stage, [from, to]: Wire): WiredPipeline {
  const wires = pipeline.wires.flatMap((wire): [string, string][] =>
    wire[0] === from && wire[1] === to
      ? [
          [from, stage.id],
          [stage.id, to],
        ]
      : [wire],
  )
  return { ...pipeline, stages: [...pipeline.stages, stage], wires }
}

/** Starts a branch: the stage follows another beside what already does. */
export function branchFrom(pipeline: WiredPipeline, stage: Stage, previous: string): WiredPipeline {
  return { ...pipeline, stages: [...pipeline.stages, stage], wires: [...pipeline.wires, [previous, stage.id]] }
}

/** Takes a stage out; what followed it follows what came before it. */
export function removeStage(pipeline: WiredPipeline, id: string): WiredPipeline {
  const previous = before(pipeline, id) ?? sourceId
  const wires = pipeline.wires
    .filter(([, to]) => to !== id)
    .map(([from, to]): [string, string] => (from === id ? [previous, to] : [from, to]))
  return { ...pipeline, stages: pipeline.stages.filter((stage) => stage.id !== id), wires }
}

/** Moves a stage onto another place: behind `previous`, or onto a wire. Moving it to where it stands changes nothing. */
export function moveStage(pipeline: WiredPipeline, id: string, place: { readonly after: string } | { readonly on: Wire }): WiredPipeline {
  const stage = pipeline.stages.find((one) => one.id === id)
  const target = 'after' in place ? place.after : place.on[0]
  const isNextAlready = before(pipeline, id) === target && after(pipeline, target).length === 1
  const isWhereItStands = 'on' in place ? place.on.includes(id) : isNextAlready
  if (!stage || target === id || isWhereItStands) return pipeline
  const without = removeStage(pipeline, id)
  return 'after' in place ? insertAfter(without, stage, place.after) : insertOn(without, stage, place.on)
}

export function setOptions(pipeline: WiredPipeline, id: string, options: Readonly<Record<string, unknown>>): WiredPipeline {
  return { ...pipeline, stages: pipeline.stages.map((stage) => (stage.id === id ? { ...stage, options: { ...options } } : stage)) }
}

/** Takes the way out of a conflict that the engine names. */
export function mended(pipeline: WiredPipeline, mend: Mend): WiredPipeline {
  switch (mend.do) {
    case 'move':
      return moveStage(pipeline, mend.stage, { on: [before(pipeline, mend.before) ?? sourceId, mend.before] })
    case 'remove':
      return removeStage(pipeline, mend.stage)
    case 'target':
      return { ...pipeline, target: mend.target }
    case 'set': {
      const stage = pipeline.stages.find(({ id }) => id === mend.stage)
      return stage ? setOptions(pipeline, mend.stage, { ...stage.options, [mend.option]: mend.value }) : pipeline
    }
  }
}

/** The way to a stage, itself included: what "run this branch only" runs, and "run up to here". */
export const branchOnly = (pipeline: WiredPipeline, stage: string): WiredPipeline => only(pipeline, pathOf(pipeline, stage))

/** The way to a stage and all that hangs on it: what "run from here" runs. */
export const fromHere = (pipeline: WiredPipeline, stage: string): WiredPipeline =>
  only(pipeline, [...pathOf(pipeline, stage), ...below(pipeline, stage)])

const below = (pipeline: WiredPipeline, id: string): string[] => after(pipeline, id).flatMap((next) => [next, ...below(pipeline, next)])

function only(pipeline: WiredPipeline, ids: readonly string[]): WiredPipeline {
  const kept = new Set(ids)
  return {
    ...pipeline,
    stages: pipeline.stages.filter(({ id }) => kept.has(id)),
    wires: pipeline.wires.filter(([, to]) => kept.has(to)),
  }
}

/** One place towards the source (-1) or away from it (1) along the chain. */
export function shiftStage(pipeline: WiredPipeline, id: string, by: -1 | 1): WiredPipeline {
  if (by > 0) {
    const [next] = after(pipeline, id)
    return next === undefined ? pipeline : moveStage(pipeline, id, { after: next })
  }
  const previous = before(pipeline, id)
  if (previous === null || previous === sourceId) return pipeline
  return moveStage(pipeline, id, { on: [before(pipeline, previous) ?? sourceId, previous] })
}

/** Puts copies of stages behind another, in a row; ids that are taken get a number. Gives the id of the last one too. */
export function pasteAfter(pipeline: WiredPipeline, stages: readonly Stage[], previous: string): { pipeline: WiredPipeline; last: string } {
  return stages.reduce(
    ({ pipeline: current, last }, stage) => {
      const copy = { ...stage, id: freshId(current, stage.id.replace(/-\d+$/, '')), options: { ...stage.options } }
      return { pipeline: insertAfter(current, copy, last), last: copy.id }
    },
    { pipeline, last: previous },
  )
}
