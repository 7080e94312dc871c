import type { DType } from '../../ir/dtype.ts'
import type { Model } from '../../ir/model.ts'
import { referencesOf } from '../../ir/reference.ts'
import type { Node, Value } from '../../ir/value.ts'
import { allNodes } from '../../ir/walk.ts'
import { isStandardOperator } from '../operators.ts'
import { irForOpset, newestOpset } from '../opset.ts'
import { unsupportedProblem } from '../problems.ts'
import type { Adapter } from './adapter.ts'
import { axesToInput, kToInput, sliceToInputs, splitCounted, splitToInput } from './axes.ts'
import { affineToArithmetic, imageScalerToArithmetic } from './experimental.ts'
import { floatsOnly, gridSampleModes, notRaised, roiAlignPositions } from './modes.ts'
import { batchNormSpatial, batchNormTraining, groupNormPerChannel } from './normalization.ts'
import { resizeModesNamed, upsampleScalesToInput, upsampleToResize } from './resize.ts'
import { clipToInputs, dropoutToInput, padToInputs } from './scalars.ts'
import { axisToInput, scatterRenamed, softmaxOverOneAxis } from './softmax.ts'

const reductions = [
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceMax',
  'ReduceMean',
  'ReduceMin',
  'ReduceProd',
  'ReduceSumSquare',
]

/**
 * Operators of the standard set whose calls mean something else from a version on, by that version; from opset 7. All other changes since
 * then only allow more (types, optional inputs and attributes whose defaults mean what was meant before). Source: the changelog of the ONNX
 * operators, read operator by operator up to opset 28.
 */
const changes: Readonly<Record<number, Readonly<Record<string, Adapter>>>> = {
  9: {
    BatchNormalization: batchNormSpatial,
    Upsample: upsampleScalesToInput,
    Scan: notRaised('its inputs and outputs are batched in a way that newer versions cannot say'),
  },
  10: {
    ...{ Slice: sliceToInputs, TopK: kToInput, Upsample: upsampleToResize },
    ...{ ImageScaler: imageScalerToArithmetic, Affine: affineToArithmetic },
  },
  11: { Clip: clipToInputs, Pad: padToInputs, Resize: resizeModesNamed, Scatter: scatterRenamed },
  12: { Dropout: dropoutToInput },
  13: {
    ...{ Squeeze: axesToInput, Unsqueeze: axesToInput, ReduceSum: axesToInput, Split: splitToInput },
    ...{ Softmax: softmaxOverOneAxis, LogSoftmax: softmaxOverOneAxis, Hardmax: softmaxOverOneAxis },
  },
  14: { BatchNormalization: batchNormTraining },
  16: { RoiAlign: roiAlignPositions },
  18: { Split: splitCounted, ...Object.fromEntries(reductions.map((name) => [name, axesToInput])) },
  20: { GridSample: gridSampleModes, DFT: axisToInput },
  21: { GroupNormalization: groupNormPerChannel },
  28: { ReduceLogSum: floatsOnly, ReduceLogSumExp: floatsOnly },
}

const typeOfValue = (value: Value): DType | null => (value.type?.kind === 'tensor' ? value.type.dtype : null)

export interface RaiseOptions {
  /** Element types that the values themselves do not carry. */
  readonly dtypeOf?: (value: Value) => DType | null
}

/**
 * Raises the standard operator set of a model to version `target`, rewriting calls whose meaning changed on the way so that the model computes
 * what it did; a model that is there already stays as it is. Other domains are left alone. Give it a fork: when it throws, the
 * model is half-way. Throws a `ProblemError` that names the operator it cannot raise.
 */
export function raiseOpset(model: Model, target: number, { dtypeOf = typeOfValue }: RaiseOptions = {}): void {
  const from = model.opset
  if (from >= target) return
  checkRange(from, target)
  const references = referencesOf(model)
  for (const node of allNodes(model.graph)) {
    if (node.domain !== '' || isStandardOperator(node.opType) || (from < 10 && node.opType in (changes[10] ?? {}) && target >= 10)) continue
    throw refused(node, references.get(node) ?? node.id, 'Lathe does not know whether it changed', target)
  }
  model.lineage.during('raise-opset', `raised from opset ${from} to ${target}`, () => {
    for (let version = from + 1; version <= target; version++) {
      const adapters = changes[version]
      if (adapters === undefined) continue
      for (const node of [...allNodes(model.graph)]) {
        const reason = node.domain === '' ? adapters[node.opType]?.(node, { target, dtypeOf }) : null
        if (reason) throw refused(node, references.get(node) ?? node.id, reason, target)
      }
    }
  })
  model.opsets.set('', target)
  model.header = { ...model.header, irVersion: Math.max(model.header.irVersion, irForOpset(target)) }
}

function checkRange(from: number, target: number): void {
  if (from >= 7 && target <= newestOpset) return
  const what = from < 7 ? `The model is of opset ${from}, from before 7` : `Lathe knows operator sets up to ${newestOpset}, not ${target}`
  throw unsupportedProblem('opset-range', what, {}, from < 7 ? 'Export it again with a newer opset.' : `Ask for ${newestOpset} or less.`)
}

const refused = (node: Node, reference: string, reason: string, target: number) =>
  unsupportedProblem(
    'opset-not-raised',
    `${node.opType} cannot be raised to opset ${target}: ${reason}`,
    { node: reference },
    `Export the model with opset ${target}, or keep the opset it has.`,
  )
