import type { Dim, Node } from '../ir/value.ts'
import { sameShape, shapeOf } from '../shapes/shape-facts.ts'
import type { CanonicalForm } from './canonical-form.ts'

/** Convolutions in a row whose results have one size: a stage of a convolutional network, its neck or its head. */
export interface Stage {
  readonly id: string
  /** Height and width, or however many axes of positions there are. */
  readonly size: readonly Dim[]
  /** Of the widest of its results. */
  readonly channels: number | null
  readonly convolutions: readonly Node[]
}

const kinds: ReadonlySet<string> = new Set([
  'Conv',
  'FusedConv',
  'ConvTranspose',
  'ConvInteger',
  'QLinearConv',
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'TRANSPOSE_CONV',
])

/** The stages of a model, in order; none of one whose sizes are not known. A branch at another size than its neighbours is a stage of its own. */
export function stagesOf(form: CanonicalForm): readonly Stage[] {
  const stages: { size: readonly Dim[]; channels: number | null; convolutions: Node[] }[] = []
  for (const node of form.model.graph.nodes) {
    const shape = kinds.has(node.opType) && node.outputs[0] ? shapeOf(node.outputs[0]) : null
    if (shape === null || shape.length < 3) continue
    const [channels, size] = node.domain === 'tflite' ? [shape.at(-1), shape.slice(1, -1)] : [shape[1], shape.slice(2)]
    if (size.includes(null)) continue
    const own = form.nodesOf(node).filter(({ opType }) => kinds.has(opType))
    const last = stages.at(-1)
    const width = typeof channels === 'number' ? channels : null
    if (last !== undefined && sameShape(last.size, size)) {
      last.convolutions.push(...own)
      last.channels = width === null ? last.channels : Math.max(width, last.channels ?? 0)
    } else stages.push({ size, channels: width, convolutions: [...own] })
  }
  return stages.map((stage, i) => ({ id: `stage.${i}`, ...stage }))
}
