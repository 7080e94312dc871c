import type { Inspection } from '../api/inspection.ts'
import { sentenceOf } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { countNodes, openedReference, referencesOf } from '../ir/reference.ts'
import type { Node, NodeId, Value } from '../ir/value.ts'
import { explain, nearMisses, ranked } from '../rewrite/trace.ts'
import { rules } from '../rules/index.ts'
import { type CanonicalForm, canonicalForm } from '../structure/canonical-form.ts'
import { type Layer, layersOf } from '../structure/layer.ts'
import { nodeRoles, type Structure } from '../structure/structure.ts'
import { nondeterminism } from './determinism.ts'
import { operatorsOf } from './export-onnx.ts'
import { bytesOnDisk, parametersOf } from './models.ts'
import { structureFor } from './structures.ts'
import type { Found } from './workshop.ts'

/** What a version is made of, without running it. */
export function inspect({ source, model }: Found): Inspection {
  const references = new Map([...referencesOf(model)].map(([node, reference]) => [node.id, reference]))
  const name = (id: NodeId) => references.get(id) ?? openedReference(model, id)
  const layers = layersOf(model)
  const form = canonicalForm(model)
  const { fusable, nearMisses: near } = fusions(form)
  const structure = structureFor(model, form)
  const parts = nodeRoles(structure)
  const refOf = (node: Node | null) => (node === null ? null : name(node.id))
  return {
    model: facts(source.path, model),
    ops: operatorsOf(model),
    layers: layers.map(({ id, name: title, role, nodes }) => {
      const [part = null] = nodes.flatMap((node) => parts.get(node) ?? [])
      return { id, name: title, role, part, nodes: nodes.map(name) }
    }),
    structure: {
      attention: structure.attention.map(({ id, query, key, value, output, heads, kvHeads, headSize }) => ({
        ...{ id, heads, kvHeads, headSize },
        ...{ query: refOf(query), key: refOf(key), value: refOf(value), output: refOf(output) },
      })),
      feedForward: structure.feedForward.map(({ id, kind, up, down }) => ({
        id,
        kind,
        up: up.map((node) => name(node.id)),
        down: name(down.id),
      })),
      norms: structure.norms.map(({ id, kind, nodes }) => ({ id, kind, nodes: nodes.map((node) => name(node.id)) })),
      blocks: structure.blocks.map(({ name: title, members }) => ({
        name: title,
        count: members.length,
        members: members.map((nodes) => nodes.map((node) => name(node.id))),
      })),
      stages: structure.stages.map(({ id, size, channels, convolutions }) => ({
        ...{ id, channels },
        size: size.filter((dim) => dim !== null),
        nodes: convolutions.map((node) => name(node.id)),
      })),
    },
    fusable: fusable.map(({ rule, instances }) => ({
      rule,
      count: instances.length,
      instances: instances.map(({ nodes }) => ({ nodes: nodes.map(name) })),
    })),
    nearMisses: near.map(({ rule, reason, at, value }) => ({ rule, reason, at: at[0] === undefined ? (value ?? '') : name(at[0]) })),
    sensitive: sensitive(layers, structure.marks, name),
    warnings: [...source.warnings.map(sentenceOf), ...nondeterminism(model)],
  }
}

function facts(path: string, model: Model): Inspection['model'] {
  const { irVersion, producerName, producerVersion } = model.header
  return {
    path,
    bytes: bytesOnDisk(model),
    parameters: parametersOf(model),
    ...countNodes(model),
    irVersion,
    producer: [producerName, producerVersion].filter(Boolean).join(' '),
    opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain === '' ? 'ai.onnx' : domain, version])),
    inputs: model.graph.inputs.filter(({ initializer }) => initializer === null).map(border),
    outputs: model.graph.outputs.map(border),
  }
}

function border({ name, type }: Value): Inspection['model']['inputs'][number] {
  if (type?.kind !== 'tensor') return { name, dtype: type?.kind ?? 'unknown', shape: null }
  return { name, dtype: type.dtype, shape: type.shape === null ? null : [...type.shape] }
}

/** What fusing would find once the model is tidied, and where it comes close. */
function fusions({ model, lifted }: CanonicalForm): ReturnType<typeof explain> {
  // Expansions undo lifts: with both, rewriting would not come to an end. Lifts are done. Approximations are no fusions.
  const { tidy: _, expand: __, approximations: ___, lift, linear, attention, ...others } = rules
  const found = explain(model, Object.values(others).flat())
  const names = [...new Set(lifted.map(({ rule }) => rule))]
  return {
    fusable: [...names.map((rule) => ({ rule, instances: lifted.filter((instance) => instance.rule === rule) })), ...found.fusable],
    nearMisses: ranked([
      ...nearMisses(
        model,
        [lift, linear, attention].flatMap((family) => family ?? []),
      ),
      ...found.nearMisses,
    ]),
  }
}

/** Marks by the layer of their first node. */
function sensitive(layers: readonly Layer[], marks: Structure['marks'], name: (node: NodeId) => string): Inspection['sensitive'] {
  const layerOf = new Map(layers.flatMap((layer) => layer.nodes.map((node): [NodeId, Layer] => [node, layer])))
  return marks.flatMap(({ nodes, reason }) => {
    const layer = nodes[0] && layerOf.get(nodes[0].id)
    return layer === undefined ? [] : [{ layer: layer.id, role: layer.role, reason, nodes: nodes.map(({ id }) => name(id)) }]
  })
}
