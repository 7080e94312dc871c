import { textOf } from '../ir/attributes.ts'
import type { Node } from '../ir/value.ts'
import type { CanonicalForm } from './canonical-form.ts'

/** A normalization, as one operator or as the parts an exporter made of it. */
export interface Norm {
  readonly id: string
  /** `layer`, `rms`, `batch`, `instance`, `group`, `lp`. */
  readonly kind: string
  readonly nodes: readonly Node[]
}

const kinds: Readonly<Record<string, string>> = {
  LayerNormalization: 'layer',
  SkipLayerNormalization: 'layer',
  EmbedLayerNormalization: 'layer',
  RMSNormalization: 'rms',
  SimplifiedLayerNormalization: 'rms',
  SkipSimplifiedLayerNormalization: 'rms',
  BatchNormalization: 'batch',
  InstanceNormalization: 'instance',
  GroupNormalization: 'group',
  LpNormalization: 'lp',
}

/** Every normalization of a model, in order. */
export function normsOf(form: CanonicalForm): readonly Norm[] {
  const found: Norm[] = []
  for (const node of form.model.graph.nodes) {
    const kind = node.domain === 'lathe' && node.opType === 'Norm' ? textOf(node, 'kind', 'layer') : kinds[node.opType]
    if (kind !== undefined) found.push({ id: `norm.${found.length}`, kind, nodes: form.nodesOf(node) })
  }
  return found
}
