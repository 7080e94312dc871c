import { z } from 'zod'
import type { Target } from '../api/pipeline.ts'
import type { Model } from '../ir/model.ts'
import { allNodes } from '../ir/walk.ts'
import { onePart, type Pass, type PassContext } from '../pass.ts'
import { drive } from '../rewrite/drive.ts'
import type { Rule, Step } from '../rewrite/rule.ts'
import { branches, convolution } from '../rules/convolution/index.ts'
import { expand } from '../rules/expand/index.ts'
import { gemm } from '../rules/gemm/index.ts'
import { layout } from '../rules/layout/index.ts'
import { lifts } from '../rules/lift/index.ts'
import { linear } from '../rules/linear/index.ts'
import { selection } from '../rules/selection/index.ts'
import { tidy } from '../rules/tidy/index.ts'
import { inferShapes } from '../shapes/infer.ts'
import { lowerings } from '../targets/lowerings.ts'
import { countPositionsInFloat } from '../targets/ort/count-positions-in-float.ts'
import { fuseBiasIntoResidualSum } from '../targets/ort/fuse-bias-into-residual-sum.ts'
import { fuseConvActivation } from '../targets/ort/fuse-conv-activation.ts'
import { residualSumChoices, withResidualSums } from '../targets/ort/residual-sums.ts'
import { attentionFor } from './attention-for.ts'
import { type MeasuredLowerings, measuredLowerings, sizesFor } from './measured-lowerings.ts'
import { atOpsetForRest, atWantedOpset, contribSince, type Raised } from './wanted-opset.ts'

const flag = (title: string, description: string) => z.boolean().default(true).meta({ title, description })

const options = z.strictObject({
  convolution: flag(
    'Convolutions and Gemm',
    'Folds normalizations, factors, terms, paddings and transposes into convolutions and matrix products, and merges parallel branches.',
  ),
  normalization: flag(
    'Normalizations',
    'Layer and RMS normalizations from their parts, with the residual sum before them where the target can.',
  ),
  residualSums: z.enum(residualSumChoices).default('as the runtime').meta({
    title: 'Residual sums',
    description:
      'For onnxruntime, the sum before a normalization. Joined: part of it, the fewest nodes and slower on CPUs. Apart: fastest, and written so that the runtime keeps it apart too. As the runtime: joined where the runtime would do so anyway, and before RMS normalizations.',
  }),
  attention: flag(
    'Attention',
    'Attention with its heads, scaling, mask and rotary embedding from their parts, where the target has an operator for it.',
  ),
  selection: flag(
    'Positions that are read',
    'Where only some positions of a sequence are read, as a classifier reads the first, the layers before compute those alone.',
  ),
  choose: z.enum(['fixed', 'measured']).default('fixed').meta({
    title: 'Choice between operators',
    description:
      'For onnxruntime, where it hangs on the sizes which operators are faster: fixed takes the fused one, measured times both on this machine, each kind of place once, and takes the faster. Query, key and value become one product only where that was timed to be faster.',
  }),
  convolutionActivation: z.boolean().default(false).meta({
    title: 'Convolutions with their activation',
    description:
      'Off, because quantization wants to see the convolution by itself, and onnxruntime joins them when it loads the model anyway.',
  }),
  newestOpset: z.number().int().min(7).nullable().default(23).meta({
    title: 'Newest operator set',
    description:
      'For the target onnx: how far the operator set may be raised where the standard has an operator only from a newer one on (GELU: 20, attention and RMS normalization: 23). Empty: it stays as it is.',
  }),
  activation: flag('Activations', 'GELU in all spellings and SiLU, with the bias before them where the target can.'),
})

type Options = z.infer<typeof options>

export const fuse: Pass<Options> = {
  id: 'fuse',
  version: 40,
  title: 'Fuse',
  summary: 'Turns groups of operators into the single operators that the target runs best.',
  family: 'fuse',
  fidelity: 'rounding',
  options,
  async run(opened, given, context) {
    const { target, signal } = context
    const { model, notes } = startingFrom(opened, given, target)
    const tick = () => signal.throwIfAborted()
    const apply = (to: Model, rounds: readonly (readonly Step[])[]): boolean => {
      const { node: infer } = inferShapes(to)
      return rounds.map((steps) => drive(to, steps, { infer, tick }).changed).includes(true)
    }
    const lifted = apply(model, liftings(model, given, target))
    const rest = target === 'ort' ? atOpsetForRest(model, lowerings.ort) : { model, notes: [] }
    const [lowering = [], ...after] = afterLifting(given, target)
    const chosen = await chosenLowerings(rest.model, lowering, given, context)
    const lowered = apply(rest.model, [chosen.rules, ...after])
    removePrivateDomain(rest.model)
    return onePart(rest.model, model !== opened || lifted || lowered, [...notes, ...rest.notes, ...chosen.notes])
  },
}

/** The lowerings as they stand, or those of them that are faster here. */
function chosenLowerings(model: Model, rules: readonly Rule[], { choose }: Options, context: PassContext): Promise<MeasuredLowerings> {
  if (choose === 'fixed' || context.target !== 'ort') return Promise.resolve({ rules, notes: [] })
  inferShapes(model)
  return measuredLowerings(model, rules, { context, sizes: sizesFor(model, context.dataset) })
}

/** The model at the operator set that its fusions want on the target. */
function startingFrom(model: Model, { newestOpset }: Options, target: Target): Raised {
  if (target === 'onnx' && newestOpset !== null) return atWantedOpset(model, newestOpset, attentionFor(target))
  const needed = Math.max(...Object.values(contribSince))
  return target === 'ort' && model.opset < needed ? atWantedOpset(model, needed, attentionFor(target), contribSince) : { model, notes: [] }
}

/** Rounds of rules, in their order: what folds into weights, what becomes canonical operators, and what need not be computed. */
function liftings(model: Model, given: Options, target: Target): readonly (readonly Step[])[] {
  const folding = given.convolution ? [...convolution, ...branches, ...gemm] : []
  // Views that a lift leaves behind are tidied at once, for the next lift to see through.
  const heads = given.attention && hasAttention(model, target) ? [...linear, ...attentionFor(target), ...tidy] : []
  return [[...folding, ...liftsFor(model, given, target)], heads, given.selection ? [...selection, ...tidy] : []]
}

/** Rounds of rules that turn canonical operators into those of the target, and tidy behind them. */
function afterLifting(given: Options, target: Target): readonly [readonly Rule[], ...(readonly Step[])[]] {
  const joined = given.convolutionActivation && target === 'ort' ? [fuseConvActivation] : []
  const counted = given.attention && target === 'ort' ? [countPositionsInFloat, ...tidy] : []
  const ort = target === 'ort'
  const lowering = ort ? withResidualSums(lowerings.ort, given.residualSums) : lowerings[target]
  return [
    [...lowering, ...expand],
    ort ? [fuseBiasIntoResidualSum] : [],
    [...(target === 'ort' ? layout : []), ...tidy],
    [...joined, ...counted],
  ]
}

const hasAttention = ({ opset }: Model, target: Target): boolean => target === 'ort' || (target === 'onnx' && opset >= 23)

/** Only what the target has an operator for is lifted: the rest stays as the exporter wrote it. */
function liftsFor(model: Model, { normalization, activation }: Options, target: Target): readonly Rule[] {
  const { opset } = model
  const ort = target === 'ort'
  if (target === 'tflite') return activation ? [...lifts.gelu, ...lifts.geluTanh] : []
  const norms = [...(ort || opset >= 17 ? lifts.layerNorm : []), ...(ort || opset >= 23 ? lifts.rmsNorm : []), ...lifts.affine]
  const activations = [...(ort || opset >= 20 ? [...lifts.gelu, ...lifts.geluTanh] : []), ...(ort ? lifts.silu : [])]
  return [...(normalization ? norms : []), ...(activation ? activations : [])]
}

/** A version that leaves the engine imports no operators of the private domain. */
function removePrivateDomain(model: Model): void {
  const left = [...allNodes(model.graph)].find(({ domain }) => domain === 'lathe')
  if (left !== undefined) throw new Error(`lathe.${left.opType} '${left.name}' was not lowered`)
  model.opsets.delete('lathe')
}
