import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Target } from '../../../core/api/pipeline.ts'
import type { Model } from '../../../core/ir/model.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { raiseOpset } from '../../../core/onnx/opset-convert/raise.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import type { Feeds, Outputs } from '../../../core/runtime/session.ts'
import { workshop } from '../../support/pass-context.ts'
import { feedsOfShared, sharedFolder } from '../../support/real-models.ts'
import { difference, runModel } from '../../support/run-model.ts'
import { standardCase, standardCaseNames } from '../../support/standard-cases.ts'

const { run, context } = await workshop()

const cleaned = async (model: Model) => (await run(cleanUp, model)).parts[0] as Model
const fused = async (model: Model, target: Target) =>
  (await fuse.run(model.fork(), fuse.options.parse({ newestOpset: 25 }), { ...context(), target })).parts[0] as Model

const apart = (actual: Outputs, expected: Outputs) =>
  Object.entries(expected).flatMap(([name, tensor]) => {
    const why = difference(actual[name], tensor, 'rounding')
    return why === null ? [] : [`${name}: ${why}`]
  })

const file = 'models/text_llama/model.dynamo.onnx'

describe.skipIf(!existsSync(join(sharedFolder, file)))('a transformer', () => {
  it.each([24, 25])('of operator set %d fuses as the one of the set it was exported in', async (opset) => {
    const model = openModel(join(sharedFolder, file))
    const feeds = feedsOfShared(file, model)
    const expected = await runModel(model, feeds)
    const newer = model.fork()
    raiseOpset(newer, opset)
    for (const target of ['ort', 'onnx'] as const) {
      const [old, found] = [await fused(await cleaned(model), target), await fused(await cleaned(newer), target)]
      expect(found.opset).toBe(opset)
      expect(found.graph.nodeCount).toBe(old.graph.nodeCount)
      expect(apart(await runModel(found, feeds), expected)).toEqual([])
    }
  })
})

describe.skipIf(standardCaseNames().length === 0)('the tests of the standard from operator set 24 on', () => {
  it('mean the same after clean-up and fuse, wherever the runtime runs them', async () => {
    let ran = 0
    for (const name of standardCaseNames()) {
      const found = standardCase(name)
      if (found === null || found.model.opset < 24) continue
      const feeds: Feeds = Object.fromEntries(
        found.model.graph.inputs.flatMap(({ name: input }) => {
          const tensor = found.inputs.get(input)
          return tensor === undefined ? [] : [[input, { dtype: tensor.ref.dtype, dims: tensor.ref.dims, data: tensor.read() }]]
        }),
      )
      const expected = await runModel(found.model, feeds).catch(() => null)
      if (expected === null) continue
      ran++
      const versions = { clean: await cleaned(found.model), ort: await fused(found.model, 'ort'), onnx: await fused(found.model, 'onnx') }
      for (const [version, model] of Object.entries(versions)) {
        expect(verifyModel(model), `${name}, ${version}`).toEqual([])
        expect(apart(await runModel(model, feeds), expected), `${name}, ${version}`).toEqual([])
      }
    }
    expect(ran).toBeGreaterThanOrEqual(50)
  })
})
