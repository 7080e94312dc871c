import { z } from 'zod'
import { quantity } from '../api/quantity.ts'
import type { Model } from '../ir/model.ts'
import { countOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { onePart, type Pass, type PassContext } from '../pass.ts'
import type { Covariance } from '../quantize/adaptive-rounding.ts'
import { covariancesOf } from '../quantize/covariances.ts'
import { doing } from '../quantize/doing.ts'
import { constantsOf, DynamicRewriter, type StoredEightBit } from '../quantize/dynamic.ts'
import { weightGrids } from '../quantize/eight-bit.ts'
import { expandEmbeddings } from '../quantize/expand-embeddings.ts'
import { keptNodes } from '../quantize/keep.ts'
import { Notes } from '../quantize/notes.ts'
import {
  type Convolution,
  convolutionOf,
  isRefusal,
  type Lookup,
  lookupOf,
  type PackedAttention,
  type Product,
  packedAttentionOf,
  productOf,
} from '../quantize/operand.ts'
import { notFinite, nothingToQuantize, refuseOperator } from '../quantize/problems.ts'
import { quantizeRecurrent, recurrentNodes } from '../quantize/recurrent.ts'
import type { Weighted } from '../quantize/static-plan.ts'
import { dropUnread } from '../quantize/substitute.ts'
import type { WeightMatrix } from '../quantize/weight-matrix.ts'
import { Workers } from '../quantize/workers.ts'
import { perChannelOpset, raiseToLeast, whyNotRaised } from './least-opset.ts'

const options = z.strictObject({
  perChannel: z.boolean().default(true).describe('A scale for each output channel of a weight; otherwise one for the whole weight.'),
  weights: z
    .enum(weightGrids)
    .default('pair-safe')
    .describe('pair-safe gives the same result on every CPU; full uses the whole range and saturates on x86 without VNNI.'),
  rounding: z
    .enum(['nearest', 'adaptive'])
    .default('nearest')
    .describe(
      'Whether each weight goes to the nearest level, or to the level above or below such that errors cancel out in the results (AdaRound), which needs calibration samples.',
    ),
  samples: z.int().positive().default(128).describe('With adaptive rounding: calibration samples that are looked at, at most.'),
  embeddings: z.boolean().default(true).describe('Store embedding tables in 8 bits, a scale for each row.'),
  recurrent: z.boolean().default(true).describe('LSTMs where the target has an 8-bit one; otherwise, and for GRUs, the weights alone.'),
  convolutions: z.boolean().default(false).describe('Also convolutions: 4 to 10 times slower than float on x64, for size alone.'),
  smallest: z.int().nonnegative().default(1024).describe('Weights with fewer elements stay in float.'),
  keep: z.array(z.string()).default([]).describe('Node references or scopes that stay in float.'),
})
type Options = z.infer<typeof options>

/** The operator set that brought DynamicQuantizeLinear. */
const leastOpset = 11

type Target =
  | { readonly kind: 'product'; readonly found: Product }
  | { readonly kind: 'convolution'; readonly found: Convolution }
  | { readonly kind: 'attention'; readonly found: PackedAttention }
  | { readonly kind: 'lookup'; readonly found: Lookup }

export const quantizeDynamic: Pass<Options> = {
  id: 'quantize-dynamic',
  version: 8,
  title: 'Quantize, dynamic',
  summary: 'Computes products with constant weights in 8 bits; activations are quantized while the model runs, so no data is needed.',
  family: 'precision',
  fidelity: 'lossy',
  options,
  pointless(model, chosen) {
    const recurrent = chosen.recurrent && recurrentNodes(model).length > 0
    const none = !recurrent && targetsOf(model, chosen, keptNodes(model, chosen.keep), new Notes()).length === 0
    return none ? nothingToQuantize(model) : whyNotRaised(model, recurrent ? perChannelOpset : leastOpset)
  },
  atMost(model, chosen) {
    const recurrent = chosen.recurrent ? recurrentNodes(model).length : 0
    return recurrent + targetsOf(model, chosen, keptNodes(model, chosen.keep), new Notes()).length
  },
  async run(model, chosen, context) {
    const notes = new Notes()
    const kept = keptNodes(model, chosen.keep)
    if (chosen.recurrent && recurrentNodes(model).length > 0) raiseToLeast(model, perChannelOpset)
    if (chosen.embeddings) expandEmbeddings(model, 'quantize-dynamic', kept)
    let targets = targetsOf(model, chosen, kept, notes)
    if (targets.some(({ kind }) => kind === 'product' || kind === 'attention'))
      refuseOperator(
        { domain: '', opType: 'DynamicQuantizeLinear' },
        { model, target: context.target },
        'Use quantize-static, or the target ort.',
      )
    const workers = new Workers({ signal: context.signal })
    try {
      const recurrent = chosen.recurrent ? await recur(model, chosen, { kept, context, workers, notes }) : 0
      if (targets.length === 0) return onePart(model, recurrent > 0, notes.sentences())
      if (raiseToLeast(model, leastOpset)) targets = targetsOf(model, chosen, kept, new Notes())
      const covariances = await covariancesFor(model, targets, chosen, context)
      const weights = await eightBit(targets, chosen, { workers, covariances, context })
      rewrite(model, targets, weights)
      report(notes, targets, weights, chosen)
    } finally {
      workers.close()
    }
    return onePart(model, true, notes.sentences())
  },
}

interface Surroundings {
  readonly kept: ReadonlySet<Node>
  readonly context: PassContext
  readonly workers: Workers
  readonly notes: Notes
}

async function recur(
  model: Model,
  { weights, perChannel, smallest }: Options,
  { kept, context, workers, notes }: Surroundings,
): Promise<number> {
  const grid = { grid: weights, perChannel }
  const options = { rule: 'quantize-dynamic', kept, grid, smallest, withLstm: context.target === 'ort' }
  const { computed, stored } = await quantizeRecurrent(model, options, workers)
  if (computed > 0) notes.add(`${doing(computed, 'LSTM', ['computes', 'compute'])} in 8 bits.`)
  if (stored > 0)
    notes.add(`The weights of ${quantity(stored, 'recurrent operator')} are stored in 8 bits; there is no 8-bit kernel for them here.`)
  return computed + stored
}

function targetsOf(model: Model, chosen: Options, kept: ReadonlySet<Node>, notes: Notes): Target[] {
  const targets: Target[] = []
  for (const node of allNodes(model.graph)) {
    const target = targetOf(node, chosen, notes)
    if (target === null) continue
    const reason = kept.has(node) ? 'it is kept as asked' : unfit(target, chosen)
    if (reason === null) targets.push(target)
    else notes.left(node, reason)
  }
  return targets
}

function targetOf(node: Node, chosen: Options, notes: Notes): Target | null {
  const product = productOf(node)
  if (isRefusal(product)) {
    notes.left(node, product.reason)
    return null
  }
  if (product !== null) return { kind: 'product', found: product }
  const attention = packedAttentionOf(node)
  if (attention !== null) return { kind: 'attention', found: attention }
  const convolution = chosen.convolutions ? convolutionOf(node) : null
  if (convolution !== null) return { kind: 'convolution', found: convolution }
  const lookup = chosen.embeddings ? lookupOf(node) : null
  return lookup && { kind: 'lookup', found: lookup }
}

function unfit({ kind, found }: Target, { smallest }: Options): string | null {
  if (found.tensor.ref.dtype !== 'float32') return `its weights are ${found.tensor.ref.dtype}`
  if (countOf(found.tensor.ref.dims) < smallest) return `its weights have fewer than ${smallest} elements`
  if (kind === 'product' && found.bias && found.bias.factor !== 1 && found.bias.value.constant === null)
    return 'its computed bias has a factor'
  return null
}

/** How a target reads its stored weight; look-ups read rows, as a tied output layer does. */
function matrixOf({ kind, found }: Target): Omit<WeightMatrix, 'values'> {
  if (kind !== 'lookup') return found.matrix
  const [channels = 0, depth = 0] = found.tensor.ref.dims
  return { layout: 'rows', channels, depth }
}

const keyOf = (target: Target): string => `${target.found.weight.id} ${matrixOf(target).layout}`

interface Means {
  readonly workers: Workers
  readonly covariances: ReadonlyMap<Node, Covariance>
  readonly context: PassContext
}

/** Multiplications that adaptive rounding may take for one weight and for all: seconds for the one, a minute for all. */
const affordable = { each: 2e9, all: 4e10 }

/** How the inputs of products vary together, where there are samples; weights that several nodes share stay as they are. */
async function covariancesFor(model: Model, targets: readonly Target[], { rounding, samples }: Options, context: PassContext) {
  if (rounding === 'nearest') return new Map<Node, Covariance>()
  const weighted = targets.flatMap((target): Weighted[] =>
    target.kind === 'product' && target.found.weight.uses.length === 1 && target.found.node.graph === model.graph ? [target] : [],
  )
  return covariancesOf(model, { weighted, samples, centred: new Set(), most: affordable }, context)
}

/** Each weight once, however many nodes share it. */
async function eightBit(
  targets: readonly Target[],
  { weights, perChannel }: Options,
  { workers, covariances, context }: Means,
): Promise<ReadonlyMap<string, StoredEightBit>> {
  const distinct = new Map(targets.map((target) => [keyOf(target), target]))
  let done = 0
  const largestFirst = [...distinct].sort(([, a], [, b]) => b.found.tensor.ref.length - a.found.tensor.ref.length)
  const results = largestFirst.map(async ([key, target]) => {
    const { node, tensor, weight } = target.found
    const matrix = matrixOf(target)
    const grid = { grid: weights, perChannel, summed: isSummed(target) }
    const covariance = covariances.get(node)
    const result = covariance
      ? await workers.run('adaptive', tensor, { matrix, grid, covariance })
      : await workers.run('eight-bit', tensor, { matrix, grid })
    if (!result.finite) throw notFinite(weight.name)
    context.progress(++done, distinct.size)
    return [key, { ...result, dims: tensor.ref.dims, layout: matrix.layout }] as const
  })
  return new Map(await Promise.all(results))
}

/** Whether a kernel sums products of the weight. A look-up multiplies nothing, but a table that is tied to a product serves that as well. */
const isSummed = ({ kind, found }: Target): boolean =>
  kind === 'lookup' ? found.weight.uses.length > 1 : !(kind === 'convolution' && found.depthwise)

function rewrite(model: Model, targets: readonly Target[], weights: ReadonlyMap<string, StoredEightBit>): void {
  const rewriter = new DynamicRewriter()
  const lookedUp = new Set<Value>(targets.filter(({ kind }) => kind === 'lookup').map(({ found }) => found.weight))
  for (const target of targets) {
    const eight = weights.get(keyOf(target)) as StoredEightBit
    const { node } = target.found
    const read = constantsOf(node)
    model.lineage.during('quantize-dynamic', reasonOf(target), () => {
      if (target.kind === 'product') rewriter.product(target.found, eight, lookedUp.has(target.found.weight))
      else if (target.kind === 'convolution') rewriter.convolution(target.found, eight)
      else if (target.kind === 'attention') rewriter.attention(target.found, eight)
      else rewriter.lookup(target.found, eight)
      dropUnread(read)
    })
  }
}

const reasonOf = ({ kind, found }: Target): string =>
  kind === 'lookup'
    ? `the table '${found.weight.name}' is stored in 8 bits`
    : `the product with '${found.weight.name}' is computed in 8 bits, its activations quantized by their own range`

function report(notes: Notes, targets: readonly Target[], weights: ReadonlyMap<string, StoredEightBit>, chosen: Options): void {
  const count = (kind: Target['kind']) => targets.filter((target) => target.kind === kind).length
  notes.add(
    `${quantity(count('product'), 'matrix product')}, ${quantity(count('convolution'), 'convolution')} and ${quantity(count('lookup'), 'look-up')} are in 8 bits.`,
  )
  if (count('attention') > 0) notes.add(`The projections of ${quantity(count('attention'), 'attention')} are computed in 8 bits.`)
  notes.saturation([...weights.values()].map(({ saturating }) => saturating))
  if (count('convolution') > 0)
    notes.add('Convolutions with dynamic activations run 4 to 10 times slower than in float on x64; quantize-static is the fast way.')
  if (chosen.weights === 'u8') notes.add('Unsigned weights run on slower kernels than signed ones on x64.')
}
