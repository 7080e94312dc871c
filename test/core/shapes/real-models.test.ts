import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import type { Dim } from '../../../core/ir/value.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { evaluateDim } from '../../../core/shapes/dim.ts'
import { inferShapes } from '../../../core/shapes/infer.ts'
import { feedsFor, runModel, symbolSizes } from '../../support/run-model.ts'

const shared = join(import.meta.dirname, '../../../../shared')
const models = ['models', 'real-models']
  .map((folder) => join(shared, folder))
  .filter(existsSync)
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => join(folder, String(file))))
  .filter((file) => file.endsWith('.onnx'))

/** Computed values whose rank is known, and those of which every size is. */
function coverage(model: Model): { nodes: number; ranks: number; sizes: number } {
  const values = model.graph.nodes.flatMap((node) => node.outputs.filter(({ name }) => name !== ''))
  const shapes = values.map(({ type }) => (type?.kind === 'tensor' ? type.shape : null))
  return {
    nodes: values.length,
    ranks: shapes.filter((shape) => shape !== null).length,
    sizes: shapes.filter((shape) => shape?.every((dim) => dim !== null)).length,
  }
}

/** Removes what the file says about inner values, so that inference stands alone. */
function forget(model: Model): void {
  for (const node of model.graph.nodes) for (const output of node.outputs) if (!output.isOutput) model.graph.setType(output, null)
}

describe.skipIf(models.length === 0)('inferred shapes of real models', () => {
  for (const file of models) {
    it(`are those that the runtime computes: ${file.slice(shared.length + 1)}`, async () => {
      const model = openModel(file).fork()
      forget(model)
      const { conflicts } = inferShapes(model)
      const { nodes, ranks, sizes } = coverage(model)
      process.stdout.write(`${file.slice(shared.length + 1)}: ${nodes} values, rank ${ranks}, sizes ${sizes}, ${conflicts.length} conflicts\n`)
      const at = symbolSizes(model, 1)
      const wrong = await misjudged(model, at)
      expect(wrong).toEqual([])
    })
  }
})

async function misjudged(model: Model, sizes: Map<string, number>): Promise<string[]> {
  const named = model.graph.nodes.flatMap((node) => node.outputs).filter(({ name, type, isOutput }) => name !== '' && type?.kind === 'tensor' && !isOutput)
  const outputs = await runModel(model, feedsFor(model, { sizes }), { expose: named.map(({ name }) => name) })
  return named.flatMap((value) => {
    const actual = outputs[value.name]
    if (actual === undefined || value.type?.kind !== 'tensor') return []
    const expected = value.type.shape?.map((dim: Dim) => evaluateDim(dim, sizes)) ?? actual.dims
    const same = value.type.dtype === actual.dtype && expected.length === actual.dims.length && expected.every((dim, i) => dim === null || dim === actual.dims[i])
    return same ? [] : [`${value.producer?.opType} ${value.name}: ${value.type.dtype}[${value.type.shape}] but ${actual.dtype}[${actual.dims}]`]
  })
}
