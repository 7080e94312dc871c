import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import type { Node, Value } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import type { LowPrecision, MixedUnit } from './mixture.ts'
import { onOwnGrid, operandWith, roundedWeights, weightedAmong } from './rounded-apart.ts'
import type { Workers } from './workers.ts'

/** Error power over signal power of a unit's own results, when its weights or its activations alone are rounded. */
export interface LocalEstimate {
  readonly weights: number
  readonly activations: number
}

export interface EstimateRequest {
  readonly units: readonly MixedUnit[]
  readonly precisionOf: (unit: MixedUnit) => LowPrecision
  /** Calibration samples that are looked at, at most. */
  readonly samples: number
}

/** Nodes that are tried in one run over the samples, and bytes of their rounded weights: both stay in memory meanwhile. */
const together = { nodes: 48, bytes: 256e6 }

/**
 * What rounding does to the results of every unit by itself, before anything is tried: beside each node stand two copies, one on rounded
 * weights, one on rounded activations, and one pass over the float model compares their results. How much of it reaches the output is for
 * trials to tell.
 * @returns nothing where the model has no operator set that can round (11) or there are no samples
 */
export async function localEstimates(
  model: Model,
  { units, precisionOf, samples }: EstimateRequest,
  { context, workers }: { readonly context: PassContext; readonly workers: Workers },
): Promise<ReadonlyMap<MixedUnit, LocalEstimate>> {
  const estimates = new Map<MixedUnit, LocalEstimate>()
  const calibration = context.dataset?.calibration
  if (!calibration || model.opset < 11) return estimates
  const count = Math.min(samples, calibration.count)
  const table = { ...calibration, id: `${calibration.id}:${count}`, count }
  for (const group of groupsOf(units)) {
    const version = model.fork()
    const pairs: Pair[] = []
    for (const unit of group) pairs.push(...(await copiesOf(version, unit, precisionOf(unit), workers)))
    const calls = pairs.map(({ result, trial }) => ({
      key: trial,
      reducer: 'sqnr',
      values: [result, trial].map((name) => ({ session: 0, name })),
      options: {},
    }))
    const found = await context.observe(version, table, calls)
    for (const unit of group) {
      const share = (of: Pair['of']) =>
        shareOf(pairs.filter((pair) => pair.unit === unit && pair.of === of).map(({ trial }) => found[trial]))
      estimates.set(unit, { weights: share('weights'), activations: share('activations') })
    }
  }
  return estimates
}

interface Pair {
  readonly unit: MixedUnit
  readonly of: 'weights' | 'activations'
  /** Names of the untouched result and of the one that the copy gives. */
  readonly result: string
  readonly trial: string
}

async function copiesOf(version: Model, unit: MixedUnit, precision: LowPrecision, workers: Workers): Promise<Pair[]> {
  const { graph } = version
  const pairs: Pair[] = []
  const onGrid = new Map<Value, Value>()
  for (const each of weightedAmong(version, unit.nodes)) {
    const { node, activation } = each.found
    const result = node.outputs[0] as Value
    const activations = onGrid.get(activation) ?? onOwnGrid(graph, activation)
    onGrid.set(activation, activations)
    const weights = operandWith(graph, each, await roundedWeights(each, precision, workers))
    pairs.push({ unit, of: 'weights', result: result.name, trial: copy(graph, node, 1, weights).name })
    pairs.push({ unit, of: 'activations', result: result.name, trial: copy(graph, node, 0, activations).name })
  }
  return pairs
}

/** A second node that reads something else at one place. */
function copy(graph: Graph, node: Node, place: number, value: Value): Value {
  const { opType, attributes } = node
  const inputs = node.inputs.map((input, index) => (index === place ? value : input))
  const output = graph.addNode({ opType, attributes, inputs }).outputs[0] as Value
  const { type } = node.outputs[0] as Value
  if (type !== null) graph.setType(output, type)
  return output
}

function shareOf(found: readonly unknown[]): number {
  const sum = (of: 'signal' | 'error') => found.reduce<number>((total, each) => total + (each as Record<typeof of, number>)[of], 0)
  return sum('signal') === 0 ? 0 : sum('error') / sum('signal')
}

function groupsOf(units: readonly MixedUnit[]): MixedUnit[][] {
  const groups: MixedUnit[][] = []
  let [nodes, bytes] = [Number.POSITIVE_INFINITY, 0]
  for (const unit of units) {
    nodes += unit.nodes.length
    bytes += 4 * unit.weights
    if (nodes > together.nodes || bytes > together.bytes) {
      groups.push([])
      nodes = unit.nodes.length
      bytes = 4 * unit.weights
    }
    groups.at(-1)?.push(unit)
  }
  return groups
}
