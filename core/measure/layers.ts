import type { Latency, LayerError, Ratio, Unavailable, Verdict } from '../api/measurement.ts'
import type { LayerRow } from '../api/report.ts'
import { isFloat } from '../ir/dtype.ts'
import { referencesOf } from '../ir/reference.ts'
import type { Node, Value } from '../ir/value.ts'
import { allNodes, subgraphsOf } from '../ir/walk.ts'
import type { CostModel } from './cost.ts'
import { multipliesCodes } from './integer-kernels.ts'
import { type Roofline, standingOf } from './roofline.ts'
import { judgeRow, type KernelShares, overheadOf, timesOf } from './row-time.ts'
import type { RowGroup, RowGroups } from './rows.ts'
import { level } from './statistics.ts'
import type { MeasuredVersion } from './version.ts'

/** A version and the times of its kernels. */
export interface TimedVersion {
  readonly version: MeasuredVersion
  /** Of undisturbed runs. */
  readonly latency: Latency
  readonly shares: KernelShares
}

export interface LayerRowsInput {
  readonly groups: RowGroups
  readonly errors: ReadonlyMap<RowGroup, LayerError>
  readonly baseline: TimedVersion
  readonly candidate: TimedVersion
  readonly ratio: Ratio
  /** Error of the model's outputs. */
  readonly wholeError: LayerError
  /** The baseline without the runtime's own optimization, against the baseline as deployed. */
  readonly anyway: (Ratio & { readonly unoptimized: Latency }) | Unavailable
  /** How far the same file is from itself in the timing that gave the whole models' times. */
  readonly floor: number
  readonly seed: number
  /** Costs of the baseline's nodes and the ceilings of the machine; rows say nothing of them without. */
  readonly ceilings: { readonly costs: CostModel; readonly roofline: Roofline } | null
}

interface Names {
  readonly baseline: (node: Node) => string
  readonly candidate: (node: Node) => string
}

/** The table of a comparison: a row for each group of layers, then what belongs to none, then the whole model. */
export function layerRows(input: LayerRowsInput): { rows: LayerRow[]; tied: number } {
  const { groups, baseline, candidate } = input
  const names: Names = { baseline: namesOf(baseline), candidate: namesOf(candidate) }
  const shapes = groups.rows.filter((group) => isShapeArithmetic(group, input))
  const rows = groups.rows.filter((group) => !shapes.includes(group)).map((group) => layerRow(group, input, names))
  if (shapes.length > 0) rows.push(shapeRow(shapes, input, names))
  const boundary = plainRow('boundary cost', groups.boundary, input)
  const all = { baseline: kernelsOf(baseline), candidate: kernelsOf(candidate) }
  const overhead = { ...plainRow('overhead', groups.untied, input), latencyMs: overheadTimes(all, groups, input) }
  return { rows: [...rows, boundary, anywayRow(input), overhead, wholeRow(input)], tied: tiedShare(candidate, groups) }
}

function layerRow(group: RowGroup, input: LayerRowsInput, names: Names): LayerRow {
  const { baseline, candidate, floor, seed } = input
  const times = {
    baseline: timesOf(group.kernels.baseline, baseline.shares),
    candidate: timesOf(group.kernels.candidate, candidate.shares),
  }
  return {
    kind: 'layer',
    layers: group.layers.map(({ id }) => id),
    names: group.layers.map(({ name }) => name),
    role: roleOf(group),
    baseline: group.nodes.baseline.map(names.baseline),
    candidate: group.nodes.candidate.map(names.candidate),
    kernels: kernelTexts(group.kernels),
    latencyMs: judgeRow(times.baseline, times.candidate, { wholeMs: baseline.shares.unprofiledMs, floor, seed }),
    error: input.errors.get(group) ?? notObservable,
    sizeBytes: { baseline: bytesOf(group.nodes.baseline), candidate: bytesOf(group.nodes.candidate) },
    ...costOf(group, input, times.baseline.ms),
  }
}

/** Whether a row says nothing of the network in either version: its nodes compute from shapes and constants, and give out no floats. */
function isShapeArithmetic({ nodes }: RowGroup, { baseline, candidate }: LayerRowsInput): boolean {
  const isStatic = (node: Node, { version }: TimedVersion) => {
    const { constant, shape } = version.ties.statics
    return (constant.has(node) || shape.has(node)) && node.outputs.every(({ type }) => type?.kind !== 'tensor' || !isFloat(type.dtype))
  }
  return nodes.baseline.every((node) => isStatic(node, baseline)) && nodes.candidate.every((node) => isStatic(node, candidate))
}

/** All arithmetic on shapes in one row: exporters write dozens of such nodes, and none is a layer that one would look for. */
function shapeRow(groups: readonly RowGroup[], input: LayerRowsInput, names: Names): LayerRow {
  const both = <T>(pick: (group: RowGroup, side: 'baseline' | 'candidate') => readonly T[]) => ({
    baseline: groups.flatMap((group) => pick(group, 'baseline')),
    candidate: groups.flatMap((group) => pick(group, 'candidate')),
  })
  const group: RowGroup = {
    layers: groups.flatMap(({ layers }) => layers),
    nodes: both(({ nodes }, side) => nodes[side]),
    kernels: both(({ kernels }, side) => kernels[side]),
  }
  const { cost: _, ...row } = layerRow(group, input, names)
  return { ...row, kind: 'shape arithmetic', role: 'shape arithmetic', error: noValue }
}

function costOf(group: RowGroup, { ceilings }: LayerRowsInput, ms: number): Pick<LayerRow, 'cost'> {
  const cost = ceilings?.costs.of(group.nodes.baseline)
  if (ceilings === null || cost === undefined || cost.flops === 0 || ms === 0) return {}
  return {
    cost: {
      flops: cost.flops,
      bytes: cost.weightBytes + cost.activationBytes,
      ...standingOf(cost, ms, ceilings.roofline, group.kernels.baseline.some(multipliesCodes)),
    },
  }
}

const notObservable: LayerError = { unavailable: 'not observable as deployed' }
const noValue: LayerError = { unavailable: 'the row has no value of its own' }
const noBytes = { baseline: 0, candidate: 0 }

/** The role of the layer with the most nodes that has one worth telling. */
function roleOf({ layers }: RowGroup): string {
  const telling = layers.filter(({ role }) => !['shape', 'quantization', 'arithmetic'].includes(role))
  const [largest] = [...(telling.length > 0 ? telling : layers)].sort((a, b) => b.nodes.length - a.nodes.length)
  return largest?.role ?? ''
}

function plainRow(
  kind: 'boundary cost' | 'overhead',
  kernels: RowGroup['kernels'],
  { baseline, candidate, floor, seed }: LayerRowsInput,
): LayerRow {
  const times = { baseline: timesOf(kernels.baseline, baseline.shares), candidate: timesOf(kernels.candidate, candidate.shares) }
  return {
    kind,
    ...{ layers: [], names: [kind], role: kind, baseline: [], candidate: [] },
    kernels: kernelTexts(kernels),
    latencyMs: judgeRow(times.baseline, times.candidate, { wholeMs: baseline.shares.unprofiledMs, floor, seed }),
    error: noValue,
    sizeBytes: noBytes,
  }
}

/** What is left of a run when all tied kernels are taken off. */
function overheadTimes(
  all: RowGroup['kernels'],
  { untied }: RowGroups,
  { baseline, candidate, floor, seed }: LayerRowsInput,
): LayerRow['latencyMs'] {
  const tied = (kernels: readonly Node[], without: readonly Node[]) => kernels.filter((kernel) => !without.includes(kernel))
  const before = overheadOf(tied(all.baseline, untied.baseline), baseline.shares)
  const after = overheadOf(tied(all.candidate, untied.candidate), candidate.shares)
  return judgeRow(before, after, { wholeMs: baseline.shares.unprofiledMs, floor, seed })
}

function anywayRow({ anyway, baseline }: LayerRowsInput): LayerRow {
  const latencyMs: LayerRow['latencyMs'] =
    'unavailable' in anyway
      ? { baseline: anyway, candidate: anyway, verdict: 'not comparable' }
      : wholeTimes(anyway.unoptimized, baseline.latency, anyway.verdict)
  return {
    kind: 'runtime would have done anyway',
    ...{ layers: [], names: ['runtime would have done anyway'], role: 'baseline without and with the optimization of the runtime' },
    ...{ baseline: [], candidate: [], kernels: { baseline: [], candidate: [] }, latencyMs, error: noValue, sizeBytes: noBytes },
  }
}

function wholeRow({ baseline, candidate, ratio, wholeError }: LayerRowsInput): LayerRow {
  return {
    kind: 'whole model',
    ...{ layers: [], names: ['whole model'], role: 'whole model', baseline: [], candidate: [], kernels: { baseline: [], candidate: [] } },
    latencyMs: wholeTimes(baseline.latency, candidate.latency, ratio.verdict),
    error: wholeError,
    sizeBytes: noBytes,
  }
}

const wholeTimes = (baseline: Latency, candidate: Latency, verdict: Verdict): LayerRow['latencyMs'] => ({
  ...{ baseline: baseline.median, candidate: candidate.median, verdict },
  intervals: { baseline: { low: baseline.low, high: baseline.high }, candidate: { low: candidate.low, high: candidate.high }, level },
})

/** Share of the time of all kernels that rows of layers or of conversions account for. */
function tiedShare({ version, shares }: TimedVersion, { untied }: RowGroups): number {
  const without = new Set(untied.candidate.map(({ name }) => name))
  const known = new Set(version.executed.kernels.graph.nodes.map(({ name }) => name))
  let [all, tied] = [0, 0]
  for (const { kernels } of shares.profiles) {
    for (const { node, runs } of kernels) {
      if (node.startsWith('inner_')) continue
      const time = runs.reduce((sum, run) => sum + run, 0)
      all += time
      if (known.has(node) && !without.has(node)) tied += time
    }
  }
  return all === 0 ? 1 : tied / all
}

const kernelsOf = ({ version }: TimedVersion): readonly Node[] => version.executed.kernels.graph.nodes

function namesOf({ version }: TimedVersion): (node: Node) => string {
  const references = referencesOf(version.executed.version)
  return (node) => version.executed.version.opened?.references.get(node.id) ?? references.get(node) ?? node.name
}

const kernelTexts = ({ baseline, candidate }: RowGroup['kernels']) => ({
  baseline: baseline.map(kernelText),
  candidate: candidate.map(kernelText),
})

const kernelText = ({ opType, domain }: Node): string => (domain === '' ? opType : `${domain}.${opType}`)

/** Stored bytes that nodes and the branches and loop bodies in them read, each constant once. */
function bytesOf(nodes: readonly Node[]): number {
  const constants = new Set<Value>()
  const inner = nodes.flatMap((node) => subgraphsOf(node).flatMap((graph) => [...allNodes(graph)]))
  for (const node of [...nodes, ...inner]) for (const input of node.inputs) if (input?.initializer) constants.add(input)
  return [...constants].reduce((sum, { initializer }) => sum + (initializer?.ref.length ?? 0), 0)
}
