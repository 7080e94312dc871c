import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { float32Tensor } from '../ir/numbers.ts'
import type { Node, Value } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import { type ActivationType, type Grid, wholeRange } from './grid.ts'
import type { StaticPlan, Weighted } from './static-plan.ts'

export interface NoiseRequest {
  readonly plan: StaticPlan
  /** By the value that stands for all that share a grid. */
  readonly grids: ReadonlyMap<Value, Grid>
  readonly activations: ActivationType
  /** Calibration samples that are looked at, at most. */
  readonly samples: number
}

/**
 * What putting one value alone on its grid does to the next results that weights make of it: for each value on a grid the share of those
 * results' variance that becomes noise, 0 to 1, the mean over their channels and the largest over the nodes that read it. A channel counts by
 * itself, because the next layers scale each as they need it: a small channel that shares a grid with a hundred times larger ones may be all
 * that matters. One observed pass over the float model with the trials beside it.
 */
export async function localNoise(model: Model, request: NoiseRequest, context: PassContext): Promise<ReadonlyMap<Value, number>> {
  const calibration = context.dataset?.calibration
  // Before operator set 11 there is no Round.
  if (!calibration || model.opset < 11) return new Map()
  const count = Math.min(request.samples, calibration.count)
  const table = { ...calibration, id: `${calibration.id}:${count}`, count }
  const noise = new Map<Value, number>()
  const values = [...request.plan.grids.keys()]
  for (let from = 0; from < values.length; from += together) {
    const part = values.slice(from, from + together)
    const trials = new Trials(model.fork(), request)
    const pairs = part.flatMap((value) => trials.add(value))
    const calls = pairs.map(({ result, trial, axis }) => ({
      key: trial,
      reducer: 'channel-noise',
      values: [result, trial].map((name) => ({ session: 0, name })),
      options: { axis },
    }))
    if (calls.length === 0) continue
    const found = await context.observe(trials.model, table, calls)
    for (const { value, trial } of pairs) {
      const { variance, error } = found[trial] as { variance: readonly number[]; error: readonly number[] }
      noise.set(value, Math.max(noise.get(value) ?? 0, meanShare(variance, error)))
    }
  }
  return noise
}

/** Values that are tried in one run over the samples: each keeps another result or two in memory. */
const together = 64

function meanShare(variance: readonly number[], error: readonly number[]): number {
  const largest = variance.reduce((most, each) => Math.max(most, each), 0)
  let sum = 0
  let counted = 0
  variance.forEach((own, channel) => {
    // A channel that never moves carries nothing that could drown.
    if (own <= largest * 1e-9) return
    sum += Math.min(1, (error[channel] as number) / own)
    counted++
  })
  return counted === 0 ? 0 : sum / counted
}

interface Pair {
  readonly value: Value
  /** Names of the untouched result and of the one that the trial gives. */
  readonly result: string
  readonly trial: string
  readonly axis: number
}

/** Nodes that a trial copies on the way to the next weights. */
const mostCopies = 8

class Trials {
  readonly model: Model
  readonly #graph: Graph
  readonly #request: NoiseRequest
  readonly #weighted: ReadonlyMap<string, Weighted>
  /** Places of the nodes that were there before any trial. */
  readonly #places: ReadonlyMap<Node, number>

  constructor(fork: Model, request: NoiseRequest) {
    this.model = fork
    this.#graph = fork.graph
    this.#request = request
    this.#weighted = new Map(request.plan.weighted.map((each) => [each.found.node.id, each]))
    this.#places = new Map(this.#graph.nodes.map((node, place) => [node, place]))
  }

  /** Copies what leads from a value to the next results of weights, reading the value as its grid holds it. */
  add(value: Value): Pair[] {
    const own = this.#graph.find(value.name) as Value
    const replaced = new Map<Value, Value>([[own, this.#onGrid(own, value)]])
    const pairs: Pair[] = []
    const waiting = new Set<Node>()
    const followed = (read: Value) => {
      for (const { node } of read.uses) if (this.#places.has(node)) waiting.add(node)
    }
    followed(own)
    for (let copies = 0; waiting.size > 0 && copies < mostCopies; copies++) {
      const node = this.#earliest(waiting)
      waiting.delete(node)
      if (hasSubgraph(node)) continue
      const weighted = this.#weighted.get(node.id)
      if (weighted !== undefined && !replaced.has(node.inputs[0] as Value)) continue
      const copy = this.#copy(node, replaced)
      const [result, trial] = [node.outputs[0] as Value, copy.outputs[0] as Value]
      if (weighted !== undefined) {
        pairs.push({ value, result: result.name, trial: trial.name, axis: weighted.kind === 'convolution' ? 1 : -1 })
        continue
      }
      node.outputs.forEach((output, index) => {
        replaced.set(output, copy.outputs[index] as Value)
        followed(output)
      })
    }
    return pairs
  }

  #earliest(nodes: ReadonlySet<Node>): Node {
    const place = (node: Node) => this.#places.get(node) as number
    return [...nodes].reduce((first, node) => (place(node) < place(first) ? node : first))
  }

  #copy(node: Node, replaced: ReadonlyMap<Value, Value>): Node {
    const inputs = node.inputs.map((input) => (input === null ? null : (replaced.get(input) ?? input)))
    const { domain, opType, attributes } = node
    const copy = this.#graph.addNode({ domain, opType, attributes, inputs, outputs: node.outputs.length })
    node.outputs.forEach((output, index) => {
      if (output.type !== null) this.#graph.setType(copy.outputs[index] as Value, output.type)
    })
    return copy
  }

  /** Rounded and clipped as the grid does it, in float: operator sets before 21 have no quantizers of 16 bits. */
  #onGrid(own: Value, value: Value): Value {
    const { plan, grids, activations } = this.#request
    const { scale, zeroPoint } = grids.get(plan.grids.get(value) as Value) as Grid
    const { low, high } = wholeRange(activations)
    const constant = (hint: string, number: number) => this.#graph.addConstant(hint, float32Tensor([], [number]))
    const step = constant('step', scale)
    const node = (opType: string, inputs: readonly Value[]) => this.#graph.addNode({ opType, inputs }).outputs[0] as Value
    const whole = node('Round', [node('Div', [own, step])])
    const clipped = node('Clip', [whole, constant('low', low - zeroPoint), constant('high', high - zeroPoint)])
    return node('Mul', [clipped, step])
  }
}

const hasSubgraph = ({ attributes }: Node): boolean => [...attributes.values()].some(({ type }) => type === 'graph' || type === 'graphs')
