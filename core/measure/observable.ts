import { join } from 'node:path'
import { int } from '../ir/attributes.ts'
import { numbersOf } from '../ir/numbers.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Value, ValueMap } from '../ir/value.ts'
import { writeSkeleton } from '../onnx/skeleton.ts'
import type { SessionSpec } from '../runtime/session.ts'
import type { Counterpart } from './relation.ts'
import type { Carrier } from './ties.ts'
import type { MeasuredVersion } from './version.ts'

/** A value of a version as the executed graph shows it. */
export interface Sighting {
  /** A value of the executed graph. */
  readonly value: Value
  /** How its elements follow from those of the version's value. */
  readonly maps: readonly ValueMap[]
  /** Its channels lie in blocks and have to be put in order before they are read. */
  readonly blocked: boolean
}

/** Where a value of the version can be seen as deployed: itself, or what it is quantized from or to. `null`: the runtime fused it away. */
export function sightingOf({ value, maps }: Counterpart, version: MeasuredVersion): Sighting | null {
  const own = version.valuesById.get(value.id) ?? value
  const direct = throughLayout(version.ties.carriers.get(own), maps)
  if (direct !== null) return direct
  const { producer } = own
  if (producer?.opType === 'DequantizeLinear') return quantized(producer.inputs[0] ?? null, producer, maps, version)
  for (const { node } of own.uses) {
    const found = node.opType === 'QuantizeLinear' ? quantized(node.outputs[0] ?? null, node, maps, version) : null
    if (found !== null) return found
  }
  return null
}

/** The codes of a value, with the scale by which they are read. */
function quantized(
  codes: Value | null,
  node: NonNullable<Value['producer']>,
  maps: readonly ValueMap[],
  version: MeasuredVersion,
): Sighting | null {
  const scale = constantBehind(node.inputs[1], ['Identity'])
  const zeroPoint = constantBehind(node.inputs[2], ['Identity', 'Cast'])
  const axis = node.attributes.get('axis')
  if (codes === null || scale === null || (zeroPoint === null && node.inputs[2])) return null
  const scales = [...numbersOf(scale)]
  const dequantize: ValueMap = {
    kind: 'dequantize',
    scale: scales,
    zeroPoint: zeroPoint ? [...numbersOf(zeroPoint)] : [0],
    axis: scales.length === 1 ? null : axis?.type === 'int' ? axis.value : 1,
  }
  return throughLayout(version.ties.carriers.get(codes) ?? behind(codes, version), [...maps, dequantize])
}

/** What carries codes before a cast to the type that they have. */
function behind({ producer, type }: Value, version: MeasuredVersion): Carrier | undefined {
  const source = producer !== null && (producer.opType === 'Cast' || producer.opType === 'Identity') ? producer.inputs[0] : null
  const isSame = source?.type?.kind === 'tensor' && type?.kind === 'tensor' && source.type.dtype === type.dtype
  return isSame ? version.ties.carriers.get(source) : undefined
}

/** A constant, perhaps handed on by operators that leave its numbers as they are: exporters put scales that several quantizers share behind an Identity. */
function constantBehind(value: Value | null | undefined, through: readonly string[]): Tensor | null {
  let at = value ?? null
  while (at !== null && at.constant === null && at.producer !== null && through.includes(at.producer.opType))
    at = at.producer.inputs[0] ?? null
  return at?.constant ?? null
}

function throughLayout(carrier: Carrier | undefined, maps: readonly ValueMap[]): Sighting | null {
  if (carrier === undefined || carrier.layout.kind === 'unknown') return null
  const { value, layout } = carrier
  if (layout.kind === 'permute') return { value, maps: [...maps, layout], blocked: false }
  return { value, maps: layout.kind === 'reshaped' ? [...maps, { kind: 'reshape' }] : maps, blocked: layout.kind === 'blocked' }
}

/** Where a value of a version can be read back from its own executed graph. `null`: the runtime fused it away, or its order is not known. */
export function deployedReference(value: Value, version: MeasuredVersion): Sighting | null {
  const sighting = sightingOf({ value, maps: [] }, version)
  if (sighting === null || sighting.blocked) return null
  return sighting.maps.every(({ kind }) => kind === 'permute' || kind === 'dequantize') ? sighting : null
}

/** A session of the executed graph that gives out some of its values, and under which names. */
export interface ObservedSession {
  readonly session: SessionSpec
  readonly names: ReadonlyMap<Value, string>
}

/**
 * Writes the executed graph once more, with a kernel behind each blocked value that puts it in order. Only outputs and these kernels are
 * added: optimization stays off, so the kernels that are looked at are those that are deployed.
 */
export async function observeExecuted(
  version: MeasuredVersion,
  seen: readonly { sighting: Sighting; channels: number | null }[],
  folder: string,
): Promise<ObservedSession> {
  const { kernels, session } = version.executed
  const copy = kernels.fork()
  const names = new Map<Value, string>()
  for (const { sighting, channels } of seen) {
    if (names.has(sighting.value)) continue
    const value = copy.graph.find(sighting.value.name)
    if (value === null || !sighting.blocked) names.set(sighting.value, sighting.value.name)
    else if (channels !== null) {
      const node = copy.graph.addNode({
        opType: 'ReorderOutput',
        domain: 'com.microsoft.nchwc',
        name: `observe_${names.size}`,
        inputs: [value],
        outputs: [`${value.name}/observed`],
        attributes: { channels: int(channels) },
      })
      names.set(sighting.value, node.outputs[0]?.name ?? '')
    }
  }
  const written = await writeSkeleton(copy, join(folder), { name: 'observed.onnx' })
  const outputs = new Set(copy.graph.outputs.map(({ name }) => name))
  const expose = [...new Set(names.values())].filter((name) => !outputs.has(name) && copy.graph.find(name)?.producer != null)
  return { session: { ...session, model: written.path, expose }, names }
}
