import type { Model } from '../ir/model.ts'
import type { NodeId } from '../ir/value.ts'
import { type AttentionUnit, attentionsOf } from './attention.ts'
import { blocksOf, type RepeatedBlock } from './blocks.ts'
import { type CanonicalForm, canonicalForm } from './canonical-form.ts'
import { type FeedForward, feedForwardsOf } from './feed-forward.ts'
import { type Norm, normsOf } from './norms.ts'
import { type SensitivityMark, sensitivityMarks } from './sensitivity.ts'
import { type Stage, stagesOf } from './stages.ts'

/** What a graph means: its attentions, feed-forward parts, normalizations, repeated blocks and stages, all as nodes of the version itself. */
export interface Structure {
  readonly attention: readonly AttentionUnit[]
  readonly feedForward: readonly FeedForward[]
  readonly norms: readonly Norm[]
  readonly blocks: readonly RepeatedBlock[]
  readonly stages: readonly Stage[]
  readonly marks: readonly SensitivityMark[]
}

/** Reads a version through its canonical form, so that decomposed, fused and quantized graphs tell the same. */
export function structureOf(model: Model, form: CanonicalForm = canonicalForm(model)): Structure {
  const [attention, feedForward] = [attentionsOf(form), feedForwardsOf(form)]
  return {
    attention,
    feedForward,
    norms: normsOf(form),
    blocks: blocksOf(model),
    stages: stagesOf(form),
    marks: sensitivityMarks({ nodes: model.graph.nodes, attention, feedForward }),
  }
}

/** What a node does in its part, in words: `query projection`, `feed-forward down`. */
export function nodeRoles({ attention, feedForward }: Structure): ReadonlyMap<NodeId, string> {
  const roles = new Map<NodeId, string>()
  for (const { query, key, value, output } of attention) {
    const packed = query !== null && query === key
    if (packed) roles.set(query.id, 'query, key and value projection')
    else
      for (const [node, role] of [
        [query, 'query projection'],
        [key, 'key projection'],
        [value, 'value projection'],
      ] as const)
        if (node !== null) roles.set(node.id, role)
    if (output !== null) roles.set(output.id, 'attention output projection')
  }
  for (const { kind, up, down } of feedForward) {
    up.forEach((node, i) => {
      roles.set(node.id, kind === 'gated' && i === 0 ? 'feed-forward gate' : 'feed-forward up')
    })
    roles.set(down.id, 'feed-forward down')
  }
  return roles
}
