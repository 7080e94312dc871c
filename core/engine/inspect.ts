import type { Inspection } from '../api/inspection.ts'
import { sentenceOf } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { countNodes, openedReference, referencesOf } from '../ir/reference.ts'
import type { NodeId, Value } from '../ir/value.ts'
import { drive } from '../rewrite/drive.ts'
import { explain } from '../rewrite/trace.ts'
import { rules } from '../rules/index.ts'
import { inferShapes } from '../shapes/infer.ts'
import { type Layer, layersOf } from '../structure/layer.ts'
import { nondeterminism } from './determinism.ts'
import { operatorsOf } from './export-onnx.ts'
import { bytesOnDisk, parametersOf } from './models.ts'
import type { Found } from './workshop.ts'

/** What a version is made of, without running it. */
export function inspect({ source, model }: Found): Inspection {
  const references = new Map([...referencesOf(model)].map(([node, reference]) => [node.id, reference]))
  const name = (id: NodeId) => references.get(id) ?? openedReference(model, id)
  const layers = layersOf(model)
  const { fusable, nearMisses } = fusions(model)
  return {
    model: facts(source.path, model),
    ops: operatorsOf(model),
    layers: layers.map(({ id, name: title, role, nodes }) => ({ id, name: title, role, nodes: nodes.map(name) })),
    structure: { attention: [], feedForward: [], norms: [], blocks: [] },
    fusable: fusable.map(({ rule, instances }) => ({
      rule,
      count: instances.length,
      instances: instances.map(({ nodes }) => ({ nodes: nodes.map(name) })),
    })),
    nearMisses: nearMisses.map(({ rule, reason, at, value }) => ({ rule, reason, at: at[0] === undefined ? (value ?? '') : name(at[0]) })),
    sensitive: sensitive(layers),
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
function fusions(model: Model): ReturnType<typeof explain> {
  // Expansions undo lifts: with both, rewriting would not come to an end.
  const { tidy = [], expand: _, ...others } = rules
  const prepare = (fork: Model) => void drive(fork, tidy, { infer: inferShapes(fork).node })
  return explain(model, Object.values(others).flat(), { prepare })
}

const weighted = new Set(['linear', 'convolution', 'embedding', 'recurrent'])

/** Layers that lose most when they lose precision, by where they stand. */
function sensitive(layers: readonly Layer[]): Inspection['sensitive'] {
  const heavy = layers.filter(({ role }) => weighted.has(role))
  const [first, last] = [heavy.find(({ role }) => role !== 'embedding'), heavy.at(-1)]
  const found: Inspection['sensitive'] = []
  if (first !== undefined)
    found.push({ layer: first.id, role: first.role, reason: 'It is the first to see the input: what it loses, all others miss.' })
  if (last !== undefined && last !== first)
    found.push({ layer: last.id, role: last.role, reason: 'It makes the output: its error is the error of the answer.' })
  return found
}
