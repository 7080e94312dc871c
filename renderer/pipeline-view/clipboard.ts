import { type Pipeline, pipelineSchema, type Stage, stageSchema } from '../../core/api/pipeline.ts'
import { ProblemError } from '../../core/api/problem.ts'
import { pathOf, sourceId, type WiredPipeline } from '../stores/pipeline-edit.ts'

/** Stages as they travel through the clipboard: a document without a name. */
interface Copied {
  readonly lathe: 1
  readonly stages: readonly Stage[]
}

/** What copying a card puts onto the clipboard: its stage; of the source card, the whole pipeline. */
export function copiedText(pipeline: WiredPipeline, id: string): string | null {
  if (id === sourceId) return JSON.stringify(pipeline, null, 2)
  const stage = pipeline.stages.find((one) => one.id === id)
  const copied: Copied | null = stage ? { lathe: 1, stages: [stage] } : null
  return copied && JSON.stringify(copied, null, 2)
}

/**
 * The stages that a text holds: copied cards, or a whole pipeline, of which the longest way is taken. `null` when it is anything else.
 * @throws ProblemError when it says that it is for Lathe, and cannot be read
 */
export function pastedStages(text: string): readonly Stage[] | null {
  const found = parsed(text)
  if (typeof found !== 'object' || found === null) return null
  const whole = pipelineSchema.safeParse(found)
  if (whole.success) return wayThrough(whole.data)
  const { lathe, stages } = found as { lathe?: unknown; stages?: unknown }
  if (lathe === undefined || stages === undefined) return null
  const several = lathe === 1 ? stageSchema.array().min(1).safeParse(stages) : null
  if (several?.success) return several.data
  const [fault] = several?.error.issues ?? []
  throw new ProblemError({
    kind: 'input',
    code: 'malformed-stages',
    what: fault
      ? `What was pasted holds no stages: ${fault.message}.`
      : `What was pasted is of version ${String(lathe)}; this Lathe reads version 1.`,
    where: { path: fault ? ['stages', ...fault.path].join('.') : 'lathe' },
    mend: 'Copy a card, or a whole pipeline from its JSON view, and paste again.',
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Any other text on the clipboard is not for the pipeline.
    return null
  }
}

function wayThrough(pipeline: Pipeline): readonly Stage[] {
  const { wires } = pipeline
  if (!wires) return pipeline.stages
  const ways = pipeline.stages.map(({ id }) => pathOf({ ...pipeline, wires }, id))
  const longest = ways.reduce((most, way) => (way.length > most.length ? way : most), [])
  return longest.flatMap((id) => pipeline.stages.find((stage) => stage.id === id) ?? [])
}
