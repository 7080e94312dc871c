import { quantity } from '../api/quantity.ts'
import type { Model } from '../ir/model.ts'
import { floatsOf } from '../ir/numbers.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { onePart, type Pass, type PassContext } from '../pass.ts'
import type { Covariance } from '../quantize/adaptive-rounding.ts'
import { shiftOf } from '../quantize/bias-correction.ts'
import { calibrate, noRangeSamples, type Observed } from '../quantize/calibrate.ts'
import { covariancesOf } from '../quantize/covariances.ts'
import { doing } from '../quantize/doing.ts'
import type { EightBitOptions, WeightGrid } from '../quantize/eight-bit.ts'
import { type ActivationType, type Grid, gridOf, is16Bit, type Range, wholeRange } from '../quantize/grid.ts'
import { decibels } from '../quantize/judgement.ts'
import { keptNodes } from '../quantize/keep.ts'
import { localNoise } from '../quantize/local-noise.ts'
import { quantizeLookups } from '../quantize/lookups.ts'
import { Notes } from '../quantize/notes.ts'
import { convolutionOf, isRefusal, productOf } from '../quantize/operand.ts'
import { notFinite, nothingToQuantize, refuseFormat, refuseQuantized } from '../quantize/problems.ts'
import { toQOperators } from '../quantize/q-operators.ts'
import { type Placement, planStatic, type StaticPlan, type Weighted } from '../quantize/static-plan.ts'
import { leastScales, type Prepared, type StaticForm, StaticRewriter, takesShift } from '../quantize/static-rewrite.ts'
import { dropUnread } from '../quantize/substitute.ts'
import { tensorrtNotes } from '../quantize/tensorrt-rules.ts'
import { Workers } from '../quantize/workers.ts'
import { inferShapes } from '../shapes/infer.ts'
import { perChannelOpset, raiseToLeast, whyNotRaised } from './least-opset.ts'
import { type StaticOptions, staticOptions } from './static-options.ts'

export const quantizeStatic: Pass<StaticOptions> = {
  id: 'quantize-static',
  version: 14,
  title: 'Quantize, static',
  summary: 'Computes convolutions and matrix products in 8 bits, on ranges of activations that were observed on calibration samples.',
  family: 'precision',
  fidelity: 'lossy',
  options: staticOptions,
  pointless(model, chosen) {
    if (weightedOf(model, chosen, keptNodes(model, chosen.keep), new Notes()).length === 0)
      return hidden(model, chosen) ?? nothingToQuantize(model)
    // Who asks for 16 bits asks for what the operator set has to give: that it cannot is then no reason to go on without.
    return is16Bit(chosen.activations) ? null : whyNotRaised(model, leastOpset(chosen))
  },
  check(model, chosen, { calibration, target }) {
    refuseFormat(chosen, { target })
    refuseQuantized(model)
    if (!calibration && chosen.withoutData === 'fail') throw noRangeSamples()
  },
  atMost: (model, chosen) => weightedOf(model, chosen, keptNodes(model, chosen.keep), new Notes()).length,
  async run(model, given, context) {
    const chosen = fitted(given, context)
    refuseFormat(chosen, context)
    refuseQuantized(model)
    const notes = new Notes()
    const kept = keptNodes(model, chosen.keep)
    let weighted = weightedOf(model, chosen, kept, notes)
    if (weighted.length === 0) return onePart(model, false, notes.sentences())
    if (chosen.withoutData === 'skip' && !context.dataset?.calibration) {
      return onePart(model, false, [
        `There are no calibration samples, so ${doing(weighted.length, 'operator', ['stays', 'stay'])} in float.`,
      ])
    }
    if (raiseToLeast(model, leastOpset(chosen))) weighted = weightedOf(model, chosen, kept, new Notes())
    inferShapes(model)
    const placement = placements[context.target] ?? 'kernels'
    const carryAll = tripsOverMoves(model, chosen)
    const whole = planStatic(model.graph, weighted, placement, carryAll)
    const observed = await observe(model, whole, chosen, context)
    const drowned = await drownedNodes(model, whole, { grids: gridsOf(whole, observed, chosen), chosen, context, notes })
    weighted = weighted.filter(({ found }) => !drowned.has(found.node))
    if (weighted.length === 0) return onePart(model, false, notes.sentences())
    const plan = drowned.size === 0 ? whole : planStatic(model.graph, weighted, placement, carryAll)
    const grids = gridsOf(plan, observed, chosen)
    const prepared = await prepare(model, plan, { observed, grids, chosen, context })
    rewrite(model, { plan, grids, prepared, form: { activations: chosen.activations, floatBiases: context.target === 'tensorrt' } })
    if (chosen.format === 'qoperator') becomeOperators(model, notes, context)
    const lookups = chosen.embeddings ? await lookUp(model, kept, context) : 0
    report(notes, plan, { prepared, chosen, context })
    if (lookups > 0) notes.add(`${doing(lookups, 'embedding table', ['is', 'are'])} stored in 8 bits.`)
    if (context.target === 'tensorrt') for (const note of tensorrtNotes(model)) notes.add(note)
    return onePart(model, true, notes.sentences())
  },
}

/** Scales for channels begin with operator set 13, quantizers of 16 bits with 21. */
const leastOpset = ({ activations, perChannel }: StaticOptions): number => (is16Bit(activations) ? 21 : perChannel ? perChannelOpset : 10)

/**
 * ONNX Runtime (1.30) moves dequantizers over what only moves values. From operator set 21 on the quantizers that it makes for that name their type,
 * and it then turns int8 to uint8 without that name: it refuses the model. With quantizers there already it makes none.
 */
const tripsOverMoves = (model: Model, { activations }: StaticOptions): boolean => activations === 'int8' && model.opset >= 21

function becomeOperators(model: Model, notes: Notes, { target }: PassContext): void {
  const turned = model.lineage.during('quantize-static', 'quantizers became operators of 8-bit arithmetic', () =>
    toQOperators(model, { microsoft: target === 'ort' }),
  )
  notes.add(`${turned === 1 ? '1 node is an operator' : `${turned} nodes are operators`} of 8-bit arithmetic.`)
}

const placements: Partial<Record<PassContext['target'], Placement>> = { tensorrt: 'inputs', tflite: 'whole kernels' }

type Chosen = StaticOptions & { readonly weights: WeightGrid }

/** What the target wants where the options leave it open. TensorRT knows symmetric int8 alone. */
function fitted(options: StaticOptions, { target }: PassContext): Chosen {
  const weights = options.weights === 'auto' ? (target === 'tensorrt' || target === 'tflite' ? 'full' : 'pair-safe') : options.weights
  return target === 'tensorrt' ? { ...options, weights, activations: 'int8', symmetric: true } : { ...options, weights }
}

function weightedOf(model: Model, chosen: StaticOptions, kept: ReadonlySet<Node>, notes: Notes): Weighted[] {
  const found: Weighted[] = []
  for (const node of allNodes(model.graph)) {
    if (!(chosen.operators as readonly string[]).includes(node.opType)) continue
    const weighted = weightedAt(node, notes)
    if (weighted === null) continue
    const reason = kept.has(node) ? 'it is kept as asked' : node.graph === model.graph ? unfit(weighted, chosen) : unseen
    if (reason === null) found.push(weighted)
    else notes.left(node, reason)
  }
  return found
}

const unseen = 'it lies in a loop or branch, where samples do not show its values'

/** Where all that it could quantize is out of its reach, and which passes reach it. */
function hidden(model: Model, { operators }: StaticOptions): string | null {
  const inside = [...allNodes(model.graph)].some(
    (node) =>
      node.graph !== model.graph && (operators as readonly string[]).includes(node.opType) && weightedAt(node, new Notes()) !== null,
  )
  return inside
    ? 'what it could quantize lies in loops and branches, where samples do not show values; quantize-dynamic and quantize-weights reach it'
    : null
}

function weightedAt(node: Node, notes: Notes): Weighted | null {
  const product = productOf(node)
  if (isRefusal(product)) notes.left(node, product.reason)
  else if (product !== null) return { kind: 'product', found: product }
  const convolution = convolutionOf(node)
  return convolution && { kind: 'convolution', found: convolution }
}

function unfit({ kind, found }: Weighted, { smallest }: StaticOptions): string | null {
  if (found.tensor.ref.dtype !== 'float32') return `its weights are ${found.tensor.ref.dtype}`
  if (countOf(found.tensor.ref.dims) < smallest) return `its weights have fewer than ${smallest} elements`
  if (found.activation.constant !== null) return 'both of its operands are constant'
  if (kind === 'product' && (found.factor !== 1 || (found.bias !== null && found.bias.factor !== 1))) return 'it scales its result'
  const bias = kind === 'product' ? found.bias?.value : found.bias
  if (bias && bias.constant === null) return 'its bias is computed'
  if (bias?.constant && bias.constant.ref.dims.length !== 1) return 'its bias has more than one dimension'
  if (bias?.constant && bias.constant.ref.dims[0] !== found.matrix.channels) return 'its bias is spread over its channels'
  return null
}

/** Embedding tables; small ones are not worth their scales. */
async function lookUp(model: Model, kept: ReadonlySet<Node>, context: PassContext): Promise<number> {
  const workers = new Workers({ signal: context.signal })
  try {
    return await quantizeLookups(model, { rule: 'quantize-static', kept, smallest: 1024 }, workers)
  } finally {
    workers.close()
  }
}

/** What the samples tell of every value on a grid; means only of what weights meet. */
function observe(model: Model, plan: StaticPlan, chosen: StaticOptions, context: PassContext): Promise<ReadonlyMap<Value, Observed>> {
  const { calibration: method, percentile, samples, symmetric } = chosen
  const axes = plan.weighted.map(({ kind, found }) => [found.activation, kind === 'convolution' ? 1 : -1] as const)
  const means = new Map(chosen.biasCorrection ? axes : [])
  return calibrate(model, { values: plan.grids.keys(), means, method, percentile, samples, symmetric }, context)
}

/** Samples on which activations are tried on their grids: the noise of thousands of elements needs no more. */
const triedSamples = 16

/** Nodes that compute or read an activation whose channels differ so much that one grid drowns what the next layers need of it. */
async function drownedNodes(
  model: Model,
  plan: StaticPlan,
  { grids, chosen, context, notes }: Settings & { readonly grids: Grids; readonly notes: Notes },
): Promise<ReadonlySet<Node>> {
  const drowned = new Set<Node>()
  const { leastDecibels, activations, samples } = chosen
  if (leastDecibels === null) return drowned
  const noise = await localNoise(model, { plan, grids, activations, samples: Math.min(samples, triedSamples) }, context)
  for (const [value, share] of noise) {
    if (decibels(share) >= leastDecibels) continue
    for (const { found } of plan.weighted) {
      const output = found.node.outputs[0] as Value
      const computes = output === value || (output.uses.length === 1 && output.uses[0]?.node === value.producer && !plan.grids.has(output))
      if (computes || found.activation === value) drowned.add(found.node)
    }
  }
  for (const node of drowned) notes.left(node, `one grid for all channels around it would leave its results less than ${leastDecibels} dB`)
  return drowned
}

/** One grid for all values that share it, over the range of them all. */
function gridsOf(plan: StaticPlan, observed: ReadonlyMap<Value, Observed>, { activations, symmetric }: StaticOptions): Map<Value, Grid> {
  const joint = new Map<Value, Range>()
  const isFree = symmetric || is16Bit(activations)
  for (const [value, shared] of plan.grids) {
    const { low, high } = (isFree ? undefined : plan.fixed.get(value)) ?? (observed.get(value) as Observed)
    const before = joint.get(shared)
    joint.set(shared, { low: Math.min(low, before?.low ?? low), high: Math.max(high, before?.high ?? high) })
  }
  return new Map([...joint].map(([shared, range]) => [shared, gridOf(range, activations, symmetric)]))
}

type Grids = ReadonlyMap<Value, Grid>

async function prepare(model: Model, plan: StaticPlan, { observed, grids, chosen, context }: Settings & Ranges) {
  const covariances = await covarianceFor(model, plan, chosen, context)
  const workers = new Workers({ signal: context.signal })
  try {
    const results = plan.weighted.map(async (each): Promise<readonly [Node, Prepared]> => {
      const { activation, node, tensor, matrix } = each.found
      const least = leastOf(each, grids.get(plan.grids.get(activation) as Value) as Grid)
      const grid = { ...gridFor(each, chosen), ...least }
      const covariance = covariances.get(node)
      const weights = covariance
        ? await workers.run('adaptive', tensor, { matrix, grid, covariance })
        : await workers.run('eight-bit', tensor, { matrix, grid })
      if (!weights.finite) throw notFinite(each.found.weight.name)
      const { means = null } = observed.get(activation) ?? {}
      return [node, { weights, shift: means && shiftOf(each, floatsOf(tensor), weights, means) }]
    })
    return new Map(await Promise.all(results))
  } finally {
    workers.close()
  }
}

interface Ranges {
  readonly observed: ReadonlyMap<Value, Observed>
  readonly grids: Grids
}

/** Multiplications that adaptive rounding may take for one weight and for all: seconds for the one, a minute for all. */
const affordable = { each: 2e9, all: 4e10 }
const unlimited = { each: Number.POSITIVE_INFINITY, all: Number.POSITIVE_INFINITY }

async function covarianceFor(model: Model, plan: StaticPlan, { rounding, samples, biasCorrection }: Chosen, context: PassContext) {
  if (rounding === 'nearest') return new Map<Node, Covariance>()
  const corrected = plan.weighted.filter((each) => biasCorrection && takesShift(each)).map(({ found }) => found.node)
  const [weighted, most] =
    rounding === 'auto' ? [plan.weighted.filter(({ kind }) => kind === 'convolution'), affordable] : [plan.weighted, unlimited]
  return covariancesOf(model, { weighted, samples, centred: new Set(corrected), most }, context)
}

interface Settings {
  readonly chosen: Chosen
  readonly context: PassContext
}

/** A depthwise kernel does not pair its products: its weights may use the whole range. */
const gridFor = (each: Weighted, { weights, perChannel }: Chosen): EightBitOptions => ({
  grid: weights,
  perChannel,
  summed: !(each.kind === 'convolution' && each.found.depthwise),
})

function leastOf(each: Weighted, input: Grid): { least?: Float32Array } {
  const bias = biasOf(each)
  return bias === null ? {} : { least: leastScales(bias, input) }
}

const biasOf = ({ kind, found }: Weighted): Tensor | null =>
  (kind === 'product' ? found.bias?.value.constant : found.bias?.constant) ?? null

interface Rewriting {
  readonly plan: StaticPlan
  readonly grids: ReadonlyMap<Value, Grid>
  readonly prepared: ReadonlyMap<Node, Prepared>
  readonly form: StaticForm
}

function rewrite(model: Model, { plan, grids, prepared, form }: Rewriting): void {
  const rewriter = new StaticRewriter(model.graph, plan, grids, form)
  for (const value of plan.grids.keys()) {
    const { low, high } = extentOf(rewriter.gridOf(value), form.activations)
    model.lineage.during('quantize-static', `'${value.name}' is on a grid of ${low} to ${high}`, () => rewriter.value(value))
  }
  for (const each of plan.weighted) {
    const { node, weight } = each.found
    const read = node.inputs.filter((value): value is Value => value !== null && value.constant !== null)
    model.lineage.during('quantize-static', `'${weight.name}' is stored in 8 bits`, () => {
      rewriter.weighted(each, prepared.get(node) as Prepared)
      dropUnread([...read, weight])
    })
  }
}

function extentOf({ scale, zeroPoint }: Grid, dtype: ActivationType): { low: string; high: string } {
  const { low, high } = wholeRange(dtype)
  return { low: ((low - zeroPoint) * scale).toPrecision(3), high: ((high - zeroPoint) * scale).toPrecision(3) }
}

/** Whether this may run where products are summed in pairs of 16 bits: unsigned activations on x86. TensorRT and LiteRT sum in 32 bits. */
const summedInPairs = ({ activations }: Chosen, { target }: PassContext): boolean =>
  activations === 'uint8' && target !== 'tensorrt' && target !== 'tflite'

function report(
  notes: Notes,
  plan: StaticPlan,
  { prepared, chosen, context }: Settings & { readonly prepared: ReadonlyMap<Node, Prepared> },
): void {
  const convolutions = plan.weighted.filter(({ kind }) => kind === 'convolution').length
  notes.add(
    `${quantity(convolutions, 'convolution')} and ${quantity(plan.weighted.length - convolutions, 'matrix product')} compute in 8 bits; ${doing(plan.grids.size, 'value', ['is', 'are'])} on a grid.`,
  )
  if (is16Bit(chosen.activations) && context.target === 'ort')
    notes.add(
      'Activations of 16 bits have no kernels in ONNX Runtime on CPUs: it computes these layers in float, slower than without quantizers.',
    )
  if (summedInPairs(chosen, context)) notes.saturation([...prepared.values()].map(({ weights }) => weights.saturating))
}
