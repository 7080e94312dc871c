import type { PassInfo, Stage } from '../../core/api/pipeline.ts'
import { documentStore } from '../stores/document.ts'
import type { WiredPipeline } from '../stores/pipeline-edit.ts'
import { sessionStore } from '../stores/session.ts'

/** The option of a precision pass that lists nodes to leave in full precision, found in its schema. */
export function keepOption(passes: readonly PassInfo[], stage: Stage): string | null {
  const pass = passes.find(({ id }) => id === stage.pass)
  if (pass?.family !== 'precision') return null
  const properties = (pass.options.properties ?? {}) as Readonly<Record<string, { type?: string; items?: { type?: string } }>>
  const lists = Object.entries(properties).filter(([, { type, items }]) => type === 'array' && items?.type === 'string')
  return lists.map(([name]) => name).find((name) => /keep|exclude|skip|float/i.test(name)) ?? null
}

const listIn = (stage: Stage, option: string): string[] => (Array.isArray(stage.options[option]) ? (stage.options[option] as string[]) : [])

/** Which stages could keep nodes, and whether all of them do. */
export function keptNodes(
  pipeline: WiredPipeline,
  passes: readonly PassInfo[],
  refs: readonly string[],
): { takers: string[]; kept: boolean } {
  const takers = pipeline.stages.flatMap((stage) => {
    const option = keepOption(passes, stage)
    if (option === null) return []
    const list = listIn(stage, option)
    return [{ id: stage.id, kept: refs.every((ref) => list.includes(ref)) }]
  })
  return { takers: takers.map(({ id }) => id), kept: takers.length > 0 && takers.every(({ kept }) => kept) }
}

/** Writes the wish into every precision stage of the pipeline; one step that can be undone. */
export function keepInFloat(refs: readonly string[], keep: boolean): void {
  const { passes } = sessionStore.getState()
  documentStore.edit((pipeline) => ({
    ...pipeline,
    stages: pipeline.stages.map((stage) => {
      const option = keepOption(passes, stage)
      if (option === null) return stage
      const others = listIn(stage, option).filter((one) => !refs.includes(one))
      return { ...stage, options: { ...stage.options, [option]: keep ? [...others, ...refs] : others } }
    }),
  }))
}
