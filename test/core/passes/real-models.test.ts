import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyModel } from '../../../core/ir/verify.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { workshop } from '../../support/pass-context.ts'
import { feedsOfShared, sharedFolder, sharedModels } from '../../support/real-models.ts'
import { difference, runModel } from '../../support/run-model.ts'

const models = sharedModels('models', 'real-models').filter((file) => !file.includes('_traps'))

describe.skipIf(models.length === 0)('clean-up and fuse on real models', () => {
  it.each(models)('leave the outputs within rounding: %s', async (file) => {
    const { run } = await workshop()
    const model = openModel(join(sharedFolder, file))
    const cleaned = await run(cleanUp, model)
    const [part] = cleaned.parts
    if (part === undefined) throw new Error('no part')
    process.stdout.write(`${file}: ${model.graph.nodeCount} -> ${part.graph.nodeCount}\n`)
    expect(verifyModel(part)).toEqual([])
    const feeds = feedsOfShared(file, model)
    const expected = await runModel(model, feeds)
    const actual = await runModel(part, feeds)
    for (const [name, tensor] of Object.entries(expected)) expect(difference(actual[name], tensor, 'rounding'), name).toBeNull()
  })
})
