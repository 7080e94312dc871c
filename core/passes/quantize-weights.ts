import { ProblemError } from '../api/problem.ts'
import { quantity } from '../api/quantity.ts'
import type { Model } from '../ir/model.ts'
import { floatsOf } from '../ir/numbers.ts'
import { countOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { onePart, type Pass, type PassContext } from '../pass.ts'
import type { BlockConstants } from '../quantize/block-constants.ts'
import { type BlockBits, blockBits } from '../quantize/block-grid.ts'
import { BlockRewriter } from '../quantize/block-rewrite.ts'
import { type BlockOptions, type BlockWeights, hasShifts } from '../quantize/block-weights.ts'
import { doing } from '../quantize/doing.ts'
import { constantsOf } from '../quantize/dynamic.ts'
import { expandEmbeddings } from '../quantize/expand-embeddings.ts'
import { gptqWeightsBlocked } from '../quantize/gptq-blocked.ts'
import { keptNodes } from '../quantize/keep.ts'
import { inverseFactors, noMomentSamples } from '../quantize/moments.ts'
import { Notes } from '../quantize/notes.ts'
import { isRefusal, type Lookup, lookupOf, type Product, productOf } from '../quantize/operand.ts'
import { outputLayers } from '../quantize/output-layer.ts'
import { notFinite, nothingToQuantize, refuseOperator } from '../quantize/problems.ts'
import { runtimeProducts } from '../quantize/products.ts'
import { dropUnread } from '../quantize/substitute.ts'
import { unlessRefused } from '../quantize/unless-refused.ts'
import type { WeightMatrix } from '../quantize/weight-matrix.ts'
import { Workers } from '../quantize/workers.ts'
import { inferShapes } from '../shapes/infer.ts'
import { attentionsOf } from '../structure/attention.ts'
import { canonicalForm } from '../structure/canonical-form.ts'
import { raiseToLeast, whyNotRaised } from './least-opset.ts'
import { type WeightsOptions, weightsOptions } from './weights-options.ts'

type Target =
  /** `tied`: the look-up that reads the same table; both are then stored as that one wants it, once. */
  | { readonly kind: 'product'; readonly found: Product; readonly bits: BlockBits; readonly tied: Lookup | null }
  | { readonly kind: 'lookup'; readonly found: Lookup; readonly bits: BlockBits }

export const quantizeWeights: Pass<WeightsOptions> = {
  id: 'quantize-weights',
  version: 11,
  title: 'Quantize weights',
  summary: 'Stores the weights of matrix products and embeddings in 8, 4 or 2 bits, a scale for each block; activations stay in float.',
  family: 'precision',
  fidelity: 'lossy',
  options: weightsOptions,
  pointless: (model, chosen) =>
    targetsOf(model, chosen, keptNodes(model, chosen.keep), new Notes()).length === 0 ? nothingToQuantize(model) : null,
  check(_model, { method, symmetric, levels }, { calibration }) {
    if (!calibration && method === 'gptq') throw noMomentSamples()
    if (method === 'hqq' && (symmetric || levels !== 'uniform')) throw noZeroPoints(symmetric)
  },
  atMost: (model, chosen) => targetsOf(model, chosen, keptNodes(model, chosen.keep), new Notes()).length,
  async run(model, given, context) {
    const notes = new Notes()
    const kept = keptNodes(model, given.keep)
    if (given.embeddings !== null && given.form === 'matmul-nbits') expandEmbeddings(model, 'quantize-weights', kept)
    let targets = targetsOf(model, given, kept, notes)
    if (targets.length === 0) return onePart(model, false, notes.sentences())
    if (given.form === 'matmul-nbits')
      refuseOperator(
        { domain: 'com.microsoft', opType: 'MatMulNBits' },
        { model, target: context.target },
        'Use form qdq, or the target ort.',
      )
    else if (raiseForBlocks(model, targets)) targets = targetsOf(model, given, kept, new Notes())
    const workers = new Workers({ signal: context.signal })
    try {
      const { method, factors, refused } = await roundingFor(model, targets, given, { workers, context })
      if (refused !== null) notes.add(`No sample could be looked at, so that gptq, which auto would be here, became rtn. ${refused}`)
      const chosen = { ...given, method }
      const constants = await quantize(targets, chosen, { workers, context, factors })
      // Sums over blocks are made by the rank of an activation.
      if (method === 'hqq') inferShapes(model)
      if (chosen.form !== 'qdq') model.opsets.set('com.microsoft', model.opsets.get('com.microsoft') ?? 1)
      rewrite(model, targets, constants, chosen)
      report(notes, targets, constants, chosen)
      if (method === 'gptq') reportUnseen(notes, targets, factors)
    } finally {
      workers.close()
    }
    return onePart(model, true, notes.sentences())
  },
}

/** What hqq moves are zero points: without any there is nothing for it to do. */
const noZeroPoints = (symmetric: boolean): ProblemError =>
  new ProblemError({
    kind: 'usage',
    code: 'no-zero-points',
    what: `hqq moves zero points, and ${symmetric ? 'symmetric weights' : 'ternary and binary grids'} have none`,
    where: { path: 'method' },
    mend: 'Use method rtn or gptq, or the uniform, asymmetric grid.',
  })

/** The operator set from which DequantizeLinear takes a scale for each block; weights of 2 bits came later. */
const blockwiseOpset = (targets: readonly Target[]): number => (targets.some(({ bits }) => bits === 2) ? 25 : 21)

/**
 * @returns whether the model changed
 * @throws ProblemError that says what to do instead where it cannot be raised
 */
function raiseForBlocks(model: Model, targets: readonly Target[]): boolean {
  const least = blockwiseOpset(targets)
  const why = whyNotRaised(model, least)
  if (why === null) return raiseToLeast(model, least)
  throw new ProblemError({
    kind: 'unsupported',
    code: 'opset-too-old',
    what: `Weights in blocks cannot be written as DequantizeLinear: ${why}`,
    where: { path: 'options.form' },
    mend: `Export the model with operator set ${least} or newer, or use the form matmul-nbits.`,
  })
}

/** Depths up to which GPTQ takes minutes at most on a desktop. */
const deepestForGptq = 4096

function methodFor(targets: readonly Target[], { method, levels }: WeightsOptions, { dataset }: PassContext): Rounding {
  if (method !== 'auto') return method
  const deepest = targets.reduce((most, target) => (target.kind === 'product' ? Math.max(most, target.found.matrix.depth) : most), 0)
  return dataset?.calibration && deepest <= deepestForGptq && levels === 'uniform' ? 'gptq' : 'rtn'
}

type Rounding = Exclude<WeightsOptions['method'], 'auto'>

interface Chosen {
  readonly method: Rounding
  readonly factors: Factors
  /** Why auto could not look at samples, where it wanted to. */
  readonly refused: string | null
}

/** What gptq needs is seen first: where the runtime does not even load the model, auto rounds. */
async function roundingFor(model: Model, targets: readonly Target[], given: WeightsOptions, means: Means): Promise<Chosen> {
  const method = methodFor(targets, given, means.context)
  const plain = { method, factors: new Map(), refused: null }
  if (method !== 'gptq') return plain
  const look = () => factorsOf(model, targets, given, means)
  if (given.method === 'gptq') return { ...plain, factors: await look() }
  const looked = await unlessRefused(look)
  return 'found' in looked ? { ...plain, factors: looked.found } : { ...plain, method: 'rtn', refused: looked.refused }
}

/** Look-ups first: a table that a product shares is stored as the look-up wants it. */
function targetsOf(model: Model, chosen: WeightsOptions, kept: ReadonlySet<Node>, notes: Notes): Target[] {
  const outputs = outputLayers(model.graph, new Set([...allNodes(model.graph)].filter(isProduct)))
  const attention = chosen.attention === null ? new Set<string>() : attentionProjections(model)
  const targets: Target[] = []
  for (const node of allNodes(model.graph)) {
    const target = targetOf(node, chosen, {
      notes,
      bits: bitsOf(chosen, { isOutput: outputs.has(node), isAttention: attention.has(node.id) }),
    })
    if (target === null) continue
    const reason = kept.has(node) ? 'it is kept as asked' : unfit(target, chosen)
    if (reason === null) targets.push(target)
    else notes.left(node, reason)
  }
  const lookups = new Map(targets.flatMap(({ kind, found }) => (kind === 'lookup' ? [[found.weight, found] as const] : [])))
  const tied = targets.map((target) => {
    const lookup = target.kind === 'product' && target.found.matrix.layout === 'rows' ? lookups.get(target.found.weight) : undefined
    return lookup === undefined || target.kind === 'lookup' ? target : { ...target, bits: chosen.embeddings as BlockBits, tied: lookup }
  })
  return tied.sort((a, b) => Number(b.kind === 'lookup') - Number(a.kind === 'lookup'))
}

const isProduct = (node: Node): boolean => {
  const product = productOf(node)
  return product !== null && !isRefusal(product)
}

/** The width of a product by what it does: logits at least as wide as asked for them, projections of attention as asked for those. */
function bitsOf(
  { bits, output, attention }: WeightsOptions,
  { isOutput, isAttention }: { isOutput: boolean; isAttention: boolean },
): BlockBits {
  if (isOutput) return Math.max(bits, output) as BlockBits
  return isAttention && attention !== null ? attention : bits
}

function attentionProjections(model: Model): ReadonlySet<string> {
  const projections = attentionsOf(canonicalForm(model)).flatMap(({ query, key, value, output }) => [query, key, value, output])
  return new Set(projections.flatMap((node) => node?.id ?? []))
}

function targetOf(node: Node, chosen: WeightsOptions, { notes, bits }: { notes: Notes; bits: BlockBits }): Target | null {
  const product = productOf(node)
  if (isRefusal(product)) {
    notes.left(node, product.reason)
    return null
  }
  if (product !== null) return { kind: 'product', found: product, bits, tied: null }
  const lookup = chosen.embeddings === null || chosen.form === 'qdq' ? null : lookupOf(node)
  return lookup && { kind: 'lookup', found: lookup, bits: chosen.embeddings as BlockBits }
}

function unfit({ kind, found }: Target, chosen: WeightsOptions): string | null {
  const { dtype, dims } = found.tensor.ref
  if (dtype !== 'float32') return `its weights are ${dtype}`
  if (countOf(dims) < chosen.smallest) return `its weights have fewer than ${chosen.smallest} elements`
  if (kind === 'lookup') return lookupBlock(found, chosen) === null ? `its rows of ${dims[1]} are no whole number of blocks of 16` : null
  if (found.bias && found.bias.factor !== 1 && found.bias.value.constant === null) return 'its computed bias has a factor'
  if (chosen.form === 'qdq' && found.node.graph !== found.weight.graph)
    return 'its weights lie outside of its subgraph, where ONNX Runtime does not find those in blocks'
  if (chosen.form === 'qdq' && kind === 'product' && isDequantized(found.activation))
    return 'its activations are dequantized, and ONNX Runtime takes those and weights in blocks for a product of whole numbers'
  return null
}

/** What only moves values: the runtime moves dequantizers over it. */
const moves = new Set(['MaxPool', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'Flatten', 'Identity'])

function isDequantized(activation: Value): boolean {
  let made = activation.producer
  while (made !== null && moves.has(made.opType)) made = made.inputs[0]?.producer ?? null
  return made?.opType === 'DequantizeLinear'
}

/** The largest block, up to the one asked for, that divides the rows of a table. */
function lookupBlock({ tensor }: Lookup, { block }: WeightsOptions): number | null {
  for (let size = block; size >= 16; size /= 2) if ((tensor.ref.dims[1] ?? 0) % size === 0) return size
  return null
}

function matrixOf({ kind, found }: Target): Omit<WeightMatrix, 'values'> {
  if (kind === 'product') return found.matrix
  const [channels = 0, depth = 0] = found.tensor.ref.dims
  return { layout: 'rows', channels, depth }
}

function blockOptions(target: Target, chosen: WeightsOptions): BlockOptions {
  const { symmetric, levels, method } = chosen
  if (target.kind === 'lookup' || target.tied !== null) {
    const table = target.kind === 'lookup' ? target.found : (target.tied as Lookup)
    const bits = chosen.embeddings as BlockBits
    return { bits, block: lookupBlock(table, chosen) as number, symmetric, levels: 'uniform', method: 'rtn', form: 'nbits' }
  }
  const rounding = method === 'hqq' ? 'hqq' : 'rtn'
  const form = chosen.form === 'qdq' ? 'columns' : 'nbits'
  const uniform = target.bits === 2 ? levels : 'uniform'
  return { bits: target.bits, block: chosen.block, symmetric: symmetric || uniform !== 'uniform', levels: uniform, method: rounding, form }
}

/** Look-ups and products of one weight share its constants when they are stored alike. */
const keyOf = (target: Target, chosen: WeightsOptions): string =>
  `${target.found.weight.id} ${matrixOf(target).layout} ${JSON.stringify(blockOptions(target, chosen))}`

/** Multiplications from which on GPTQ is faster with the products of the runtime than in a thread. */
const worthTheRuntime = 1e9

interface Means {
  readonly workers: Workers
  readonly context: PassContext
}

/** Of the inverse of the second moments of activations, for gptq. */
type Factors = ReadonlyMap<Value, Float32Array>

async function quantize(
  targets: readonly Target[],
  chosen: WeightsOptions,
  { workers, context, factors }: Means & { readonly factors: Factors },
): Promise<ReadonlyMap<string, BlockConstants>> {
  const distinct = new Map(targets.map((target) => [keyOf(target, chosen), target]))
  const largestFirst = [...distinct].sort(([, a], [, b]) => b.found.tensor.ref.length - a.found.tensor.ref.length)
  const products = runtimeProducts(context)
  let done = 0
  const results = largestFirst.map(async ([key, target]) => {
    const grid = blockOptions(target, chosen)
    const { channels, depth, layout } = matrixOf(target)
    const factor = target.kind === 'product' ? factors.get(target.found.activation) : undefined
    const matrix = { channels, depth, layout }
    const { tensor } = target.found
    const weights: BlockWeights =
      factor === undefined
        ? await workers.run('blocks', tensor, { matrix, grid })
        : channels * depth ** 2 < worthTheRuntime
          ? await workers.run('gptq', tensor, { matrix, grid, factor })
          : await gptqWeightsBlocked({ ...matrix, values: floatsOf(tensor) }, grid, { factor, products })
    if (!weights.finite) throw notFinite(target.found.weight.name)
    context.progress(++done, distinct.size)
    return [key, { weights, options: grid, channels, depth, layout }] as const
  })
  return new Map(await Promise.all(results))
}

function factorsOf(model: Model, targets: readonly Target[], { samples, damping }: WeightsOptions, { workers, context }: Means) {
  const activations = new Map<Value, number>()
  for (const target of targets) if (target.kind === 'product') activations.set(target.found.activation, target.found.matrix.depth)
  return inverseFactors(model, { activations, samples, damping }, { workers, context })
}

function rewrite(model: Model, targets: readonly Target[], constants: ReadonlyMap<string, BlockConstants>, chosen: WeightsOptions): void {
  const rewriter = new BlockRewriter(chosen.accuracyLevel)
  for (const target of targets) {
    const { node, weight } = target.found
    const blocks = constants.get(keyOf(target, chosen)) as BlockConstants
    const read = constantsOf(node)
    model.lineage.during(
      'quantize-weights',
      `'${weight.name}' is stored in ${blocks.options.bits} bits, a scale for ${blocks.options.block}`,
      () => {
        if (target.kind === 'lookup') rewriter.lookup(target.found, blocks)
        else if (chosen.form === 'qdq') rewriter.dequantized(target.found, blocks)
        else rewriter.product(target.found, blocks)
        dropUnread(read)
      },
    )
  }
}

function report(notes: Notes, targets: readonly Target[], constants: ReadonlyMap<string, BlockConstants>, chosen: WeightsOptions): void {
  notes.add(`Weights were rounded by ${chosen.method}.`)
  reportShifts(notes, targets, constants, chosen)
  const products = targets.filter((target) => target.kind === 'product')
  for (const bits of blockBits) {
    const count = products.filter((target) => target.bits === bits).length
    if (count > 0)
      notes.add(
        `The weights of ${quantity(count, 'product')} are stored in ${bits} bits${bits === 2 && chosen.levels !== 'uniform' ? ` (${chosen.levels})` : ''}.`,
      )
  }
  if (chosen.levels !== 'uniform' && products.every((target) => target.bits !== 2))
    notes.add(`No weight is ${chosen.levels}: that is a grid of 2 bits, and \`bits\` asks for ${chosen.bits}.`)
  notes.add('Block-wise weights save size and speed up decoding (one row at a time); with many rows they run slower than float on CPUs.')
  if (chosen.form === 'matmul-nbits' && chosen.accuracyLevel !== 4 && chosen.bits !== 4)
    notes.add(
      `At accuracy level ${chosen.accuracyLevel}, ${chosen.bits}-bit weights run 20 to 50 times slower than float on x64 CPUs; level 4 is the fast one.`,
    )
}

/** Products whose activations no sample shows: those in loops and branches. */
function reportUnseen(notes: Notes, targets: readonly Target[], factors: Factors): void {
  const unseen = targets.filter(({ kind, found }) => kind === 'product' && !factors.has(found.activation)).length
  if (unseen > 0)
    notes.add(
      `Of these ${doing(unseen, 'product', ['lies', 'lie'])} in a loop or branch, where samples do not show what meets the weights: rounded by rtn.`,
    )
}

function reportShifts(
  notes: Notes,
  targets: readonly Target[],
  constants: ReadonlyMap<string, BlockConstants>,
  chosen: WeightsOptions,
): void {
  if (chosen.method !== 'hqq') return
  const shifted = [...constants.values()].flatMap(({ weights: { shifts } }) => shifts ?? [])
  const bytes = shifted.reduce((total, { byteLength }) => total + byteLength, 0)
  if (shifted.length > 0)
    notes.add(
      `${doing(shifted.length, 'weight', ['has', 'have'])} zero points that are real numbers (${Math.ceil(bytes / 1000).toLocaleString('en')} kB): a product of the sums of the activations over blocks stands beside ${shifted.length === 1 ? 'it' : 'each'}, because the kernel's own real zero points run 20 to 150 times slower.`,
    )
  const rounded = targets.filter((target) => !hasShifts(blockOptions(target, chosen))).length
  if (rounded > 0)
    notes.add(
      `${rounded === 1 ? 'One embedding table is' : `${rounded} embedding tables and products that share one are`} rounded: what looks rows up takes zero points that are codes.`,
    )
}
