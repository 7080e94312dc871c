import { z } from 'zod'
import type { Model } from '../ir/model.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { onePart, type Pass, type PassContext } from '../pass.ts'
import { calibrate, calibrationMethods } from '../quantize/calibrate.ts'
import { type EightBitWeights, weightGrids } from '../quantize/eight-bit.ts'
import { type ActivationType, activationTypes, type Grid, gridOf, type Range, wholeRange } from '../quantize/grid.ts'
import { keptNodes } from '../quantize/keep.ts'
import { Notes } from '../quantize/notes.ts'
import { convolutionOf, isRefusal, productOf } from '../quantize/operand.ts'
import { notFinite, refuseQuantized, requireOpset } from '../quantize/problems.ts'
import { planStatic, type StaticPlan, type Weighted } from '../quantize/static-plan.ts'
import { leastScales, StaticRewriter } from '../quantize/static-rewrite.ts'
import { dropUnread } from '../quantize/substitute.ts'
import { Workers } from '../quantize/workers.ts'
import { inferShapes } from '../shapes/infer.ts'

const options = z.strictObject({
  operators: z
    .array(z.enum(['Conv', 'Gemm', 'MatMul']))
    .default(['Conv', 'Gemm', 'MatMul'])
    .describe('Operators with constant weights that compute in 8 bits; what lies between convolutions follows them.'),
  activations: z.enum(activationTypes).default('uint8').describe('uint8 is the fast one on x64 CPUs; int8 is what TensorRT wants.'),
  symmetric: z.boolean().default(false).describe('Activation grids are centred at 0 (zero point 0 for int8).'),
  perChannel: z.boolean().default(true).describe('A scale for each output channel of a weight; otherwise one for the whole weight.'),
  weights: z
    .enum(weightGrids)
    .default('pair-safe')
    .describe('pair-safe gives the same result on every CPU; full uses the whole range and saturates on x86 without VNNI.'),
  calibration: z.enum(calibrationMethods).default('minmax').describe('How the range of an activation follows from the samples.'),
  percentile: z.number().min(50).max(100).default(99.99).describe('With calibration percentile: share of the elements that stays inside.'),
  samples: z.int().positive().default(128).describe('Calibration samples that are looked at, at most.'),
  smallest: z.int().nonnegative().default(64).describe('Weights with fewer elements stay in float.'),
  keep: z.array(z.string()).default([]).describe('Node references or scopes that stay in float.'),
})
type Options = z.infer<typeof options>

export const quantizeStatic: Pass<Options> = {
  id: 'quantize-static',
  version: 1,
  title: 'Quantize, static',
  summary: 'Computes convolutions and matrix products in 8 bits, on ranges of activations that were observed on calibration samples.',
  family: 'precision',
  fidelity: 'lossy',
  options,
  pointless: (model, chosen) =>
    weightedOf(model, chosen, new Notes()).length === 0 ? 'no operator here has constant float weights that it could quantize' : null,
  async run(model, chosen, context) {
    refuseQuantized(model)
    const notes = new Notes()
    const weighted = weightedOf(model, chosen, notes)
    if (weighted.length === 0) return onePart(model, false, notes.sentences())
    requireOpset(model, chosen.perChannel ? 13 : 10, 'DequantizeLinear')
    inferShapes(model)
    const plan = planStatic(model.graph, weighted)
    const grids = await gridsOf(model, plan, chosen, context)
    const weights = await eightBit(plan, grids, chosen, context)
    rewrite(model, { plan, grids, weights, chosen })
    report(notes, plan, weights)
    return onePart(model, true, notes.sentences())
  },
}

function weightedOf(model: Model, chosen: Options, notes: Notes): Weighted[] {
  const kept = keptNodes(model, chosen.keep)
  const found: Weighted[] = []
  for (const node of model.graph.nodes) {
    if (!(chosen.operators as readonly string[]).includes(node.opType)) continue
    const weighted = weightedAt(node, notes)
    if (weighted === null) continue
    const reason = kept.has(node) ? 'kept as asked' : unfit(weighted, chosen)
    if (reason === null) found.push(weighted)
    else notes.left(node, reason)
  }
  return found
}

function weightedAt(node: Node, notes: Notes): Weighted | null {
  const product = productOf(node)
  if (isRefusal(product)) notes.left(node, product.reason)
  else if (product !== null) return { kind: 'product', found: product }
  const convolution = convolutionOf(node)
  return convolution && { kind: 'convolution', found: convolution }
}

function unfit({ kind, found }: Weighted, { smallest }: Options): string | null {
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

/** One grid for all values that share it, over the range of them all. */
async function gridsOf(model: Model, plan: StaticPlan, chosen: Options, context: PassContext): Promise<ReadonlyMap<Value, Grid>> {
  const { calibration: method, percentile, samples, symmetric } = chosen
  const ranges = await calibrate(model, [...plan.grids.keys()], { method, percentile, samples, symmetric }, context)
  const joint = new Map<Value, Range>()
  for (const [value, shared] of plan.grids) {
    const { low, high } = ranges.get(value) as Range
    const before = joint.get(shared)
    joint.set(shared, { low: Math.min(low, before?.low ?? low), high: Math.max(high, before?.high ?? high) })
  }
  return new Map([...joint].map(([shared, range]) => [shared, gridOf(range, chosen.activations, symmetric)]))
}

async function eightBit(
  plan: StaticPlan,
  grids: ReadonlyMap<Value, Grid>,
  { weights: grid, perChannel }: Options,
  context: PassContext,
): Promise<ReadonlyMap<Node, EightBitWeights>> {
  const workers = new Workers({ signal: context.signal })
  try {
    const results = plan.weighted.map(async (each) => {
      const { node, tensor, matrix, weight, activation } = each.found
      const input = grids.get(plan.grids.get(activation) as Value) as Grid
      const bias = biasOf(each)
      const pairs = !(each.kind === 'convolution' && each.found.depthwise)
      const least = bias === null ? {} : { least: leastScales(bias, input) }
      const result = await workers.run('eight-bit', tensor, {
        matrix,
        grid: { grid: grid === 'pair-safe' && !pairs ? 'full' : grid, perChannel, ...least },
      })
      if (!result.finite) throw notFinite(weight.name)
      return [node, pairs ? result : { ...result, saturating: { full: 0, now: 0 } }] as const
    })
    return new Map(await Promise.all(results))
  } finally {
    workers.close()
  }
}

const biasOf = ({ kind, found }: Weighted): Tensor | null =>
  (kind === 'product' ? found.bias?.value.constant : found.bias?.constant) ?? null

interface Rewriting {
  readonly plan: StaticPlan
  readonly grids: ReadonlyMap<Value, Grid>
  readonly weights: ReadonlyMap<Node, EightBitWeights>
  readonly chosen: Options
}

function rewrite(model: Model, { plan, grids, weights, chosen }: Rewriting): void {
  const rewriter = new StaticRewriter(model.graph, plan, grids, chosen.activations)
  for (const value of plan.grids.keys()) {
    const { low, high } = extentOf(rewriter.gridOf(value), chosen.activations)
    model.lineage.during('quantize-static', `'${value.name}' is on a grid of ${low} to ${high}`, () => rewriter.value(value))
  }
  for (const each of plan.weighted) {
    const { node, weight } = each.found
    const read = node.inputs.filter((value): value is Value => value !== null && value.constant !== null)
    model.lineage.during('quantize-static', `'${weight.name}' is stored in 8 bits`, () => {
      rewriter.weighted(each, weights.get(node) as EightBitWeights)
      dropUnread([...read, weight])
    })
  }
}

function extentOf({ scale, zeroPoint }: Grid, dtype: ActivationType): { low: string; high: string } {
  const { low, high } = wholeRange(dtype)
  return { low: ((low - zeroPoint) * scale).toPrecision(3), high: ((high - zeroPoint) * scale).toPrecision(3) }
}

function report(notes: Notes, plan: StaticPlan, weights: ReadonlyMap<Node, EightBitWeights>): void {
  const convolutions = plan.weighted.filter(({ kind }) => kind === 'convolution').length
  notes.add(
    `${convolutions} convolutions and ${plan.weighted.length - convolutions} matrix products compute in 8 bits; ${plan.grids.size} values are on a grid.`,
  )
  notes.saturation([...weights.values()].map(({ saturating }) => saturating))
}
