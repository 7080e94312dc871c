import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import type { Dim } from '../../../core/ir/value.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { evaluateDim } from '../../../core/shapes/dim.ts'
import { inferShapes } from '../../../core/shapes/infer.ts'
import { feedsOfShared, sharedFolder, sharedModels, sizesOf } from '../../support/real-models.ts'
import { runModel } from '../../support/run-model.ts'

const models = sharedModels('models', 'real-models')

/** Computed values, and those whose rank is known. */
function coverage(model: Model): { nodes: number; ranks: number } {
  const values = model.graph.nodes.flatMap((node) => node.outputs.filter(({ name }) => name !== ''))
  const shapes = values.map(({ type }) => (type?.kind === 'tensor' ? type.shape : null))
  return {
    nodes: values.length,
    ranks: shapes.filter((shape) => shape !== null).length,
  }
}

/** Removes what the file says about inner values, so that inference stands alone. */
function forget(model: Model): void {
  for (const node of model.graph.nodes) for (const output of node.outputs) if (!output.isOutput) model.graph.setType(output, null)
}

describe.skipIf(models.length === 0)('inferred shapes of real models', () => {
  for (const file of models) {
    it(`are those that the runtime computes: ${file}`, async () => {
      const model = openModel(join(sharedFolder, file)).fork()
      forget(model)
      inferShapes(model)
      const { nodes, ranks } = coverage(model)
      expect(await misjudged(file, model)).toEqual([])
      expect(ranks / nodes, 'share of values whose rank is known').toBeGreaterThan(leastRanks(file))
    })
  }
})

/** Operators of ai.onnx.ml are not inferred, nor is what comes after an If whose branches differ in rank. */
const leastRanks = (file: string): number => (/lr_mnist/.test(file) ? 0.1 : /model_micro/.test(file) ? 0.5 : 0.97)

async function misjudged(file: string, model: Model): Promise<string[]> {
  const named = model.graph.nodes
    .flatMap((node) => node.outputs)
    .filter(({ name, type, isOutput }) => name !== '' && type?.kind === 'tensor' && !isOutput)
  const sizes = sizesOf(file, model)
  const outputs = await runModel(model, feedsOfShared(file, model), { expose: named.map(({ name }) => name) })
  return named.flatMap((value) => {
    const actual = outputs[value.name]
    if (actual === undefined || value.type?.kind !== 'tensor') return []
    const expected = value.type.shape?.map((dim: Dim) => evaluateDim(dim, sizes)) ?? actual.dims
    const same =
      value.type.dtype === actual.dtype &&
      expected.length === actual.dims.length &&
      expected.every((dim, i) => dim === null || dim === actual.dims[i])
    return same
      ? []
      : [`${value.producer?.opType} ${value.name}: ${value.type.dtype}[${value.type.shape}] but ${actual.dtype}[${actual.dims}]`]
  })
}
