import type { NodeView } from '../../core/api/graph-view.ts'
import type { PassInfo, Stage } from '../../core/api/pipeline.ts'
import type { WiredPipeline } from '../stores/pipeline-edit.ts'
import { keepOption } from './keep.ts'

/** Whether a pipeline names nodes at all. */
export const namesNodes = ({ stages }: WiredPipeline, passes: readonly PassInfo[]): boolean =>
  stages.some((stage) => namesIn(stage, keepOption(passes, stage)).length > 0)

const namesIn = ({ options }: Stage, option: string | null): readonly string[] => {
  const list = option === null ? null : options[option]
  return Array.isArray(list) ? list.map(String) : []
}

/**
 * A pipeline that was at hand when another model was opened, without the lists of nodes to keep that were made for the model before: those of
 * which this one knows no name at all. The very same pipeline where there are none.
 */
export function withoutForeignNames(
  pipeline: WiredPipeline,
  passes: readonly PassInfo[],
  nodes: readonly Pick<NodeView, 'ref' | 'path'>[],
): WiredPipeline {
  const foreign = (names: readonly string[]) => names.length > 0 && !names.some((name) => isKnown(name, nodes))
  const stages = pipeline.stages.map((stage) => {
    const option = keepOption(passes, stage)
    if (option === null || !foreign(namesIn(stage, option))) return stage
    const { [option]: _foreign, ...options } = stage.options
    return { ...stage, options }
  })
  return stages.some((stage, at) => stage !== pipeline.stages[at]) ? { ...pipeline, stages } : pipeline
}

/** A node by its reference, or a scope around one, written with dots or slashes. */
function isKnown(name: string, nodes: readonly Pick<NodeView, 'ref' | 'path'>[]): boolean {
  const wanted = dotted(name)
  return nodes.some(({ ref, path }) => [ref, ...path].map(dotted).some((one) => one === wanted || one.startsWith(`${wanted}.`)))
}

const dotted = (name: string) => name.replace(/^\//, '').replaceAll('/', '.')
