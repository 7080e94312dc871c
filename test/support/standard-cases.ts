import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Model } from '../../core/ir/model.ts'
import type { Tensor } from '../../core/ir/tensor.ts'
import type { Value } from '../../core/ir/value.ts'
import { openModel } from '../../core/onnx/read.ts'
import { drive } from '../../core/rewrite/drive.ts'
import { tidy } from '../../core/rules/tidy/index.ts'
import { inferShapes } from '../../core/shapes/infer.ts'
import { sharedFolder } from './real-models.ts'
import { readTensorFile } from './tensor-file.ts'

/** A test case of the ONNX standard as a model that an exporter could have written: inputs of fixed shape, parameters as constants. */
export interface StandardCase {
  readonly name: string
  readonly model: Model
  /** What the remaining inputs are fed, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>
  readonly expected: ReadonlyMap<string, Tensor>
}

const folder = join(sharedFolder, 'onnx-node-tests')

export const standardCaseNames = (): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => existsSync(join(folder, name, 'model.onnx')))
        .sort()
    : []

/** Inputs that say how to compute rather than on what; models have them as constants. */
const parameters: Readonly<Record<string, readonly number[]>> = {
  ...{ Reshape: [1], Slice: [1, 2, 3, 4], Pad: [1, 2, 3], Squeeze: [1], Unsqueeze: [1], Expand: [1], Tile: [1], Split: [1], TopK: [1] },
  ...{ OneHot: [1, 2], CumSum: [1], Clip: [1, 2], Resize: [1, 2, 3], Range: [0, 1, 2], ConstantOfShape: [0], Trilu: [1] },
  ...{ Conv: [1, 2], ConvTranspose: [1, 2], BatchNormalization: [1, 2, 3, 4], LSTM: [1, 2, 3, 4, 7], GRU: [1, 2, 3, 4], RNN: [1, 2, 3, 4] },
  ...{ QuantizeLinear: [1, 2], DequantizeLinear: [1, 2], Dropout: [1, 2], ScatterElements: [1], GatherElements: [1], CenterCropPad: [1] },
}

/** Sizes of results, by the names that expansions of the standard's functions keep. */
const sizes: ReadonlySet<string> = new Set(['shape', 'size'])

const isParameter = ({ name, uses, type }: Value): boolean =>
  type?.kind === 'tensor' &&
  uses.length > 0 &&
  (sizes.has(name) ||
    uses.some(({ node, index }) => (parameters[node.opType] ?? (node.opType.startsWith('Reduce') ? [1] : [])).includes(index)))

/** A case, or `null` when it has sequences, optionals or no data. */
export function standardCase(name: string): StandardCase | null {
  const model = openModel(join(folder, name, 'model.onnx'))
  const { graph } = model
  const isTensor = ({ type }: Value): boolean => type?.kind === 'tensor'
  if (![...graph.inputs, ...graph.outputs].every(isTensor)) return null
  const inputs = new Map<string, Tensor>()
  for (const [i, value] of graph.inputs.entries()) {
    const tensor = tensorAt(name, `input_${i}`)
    if (tensor === null) return null
    if (isParameter(value)) graph.replaceUses(value, graph.addConstant(`${value.name}_constant`, tensor))
    else {
      graph.setType(value, { kind: 'tensor', dtype: tensor.ref.dtype, shape: tensor.ref.dims })
    }
    inputs.set(value.name, tensor)
  }
  const outputs = graph.outputs.map((value, i) => [value.name, tensorAt(name, `output_${i}`)] as const)
  // As an export does it first: what is known is folded.
  const shapes = inferShapes(model)
  drive(model, tidy, { infer: shapes.node })
  return { name, model, inputs, expected: new Map(outputs.flatMap(([key, tensor]) => (tensor === null ? [] : [[key, tensor]]))) }
}

function tensorAt(name: string, file: string): Tensor | null {
  const path = join(folder, name, 'test_data_set_0', `${file}.pb`)
  return existsSync(path) ? readTensorFile(path) : null
}
