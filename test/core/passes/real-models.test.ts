import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { targets } from '../../../core/api/pipeline.ts'
import type { Model } from '../../../core/ir/model.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import type { Outputs } from '../../../core/runtime/session.ts'
import { workshop } from '../../support/pass-context.ts'
import { feedsOfShared, sharedFolder, sharedModels } from '../../support/real-models.ts'
import { difference, runModel } from '../../support/run-model.ts'

const models = sharedModels('models', 'real-models').filter((file) => !file.includes('_traps'))
const { run, context } = await workshop()

/** Outputs that differ beyond rounding, each with how. */
const apart = (actual: Outputs, expected: Outputs) =>
  Object.entries(expected).flatMap(([name, tensor]) => {
    const why = difference(actual[name], tensor, 'rounding')
    return why === null ? [] : [`${name}: ${why}`]
  })

describe.skipIf(models.length === 0)('clean-up and fuse on real models', () => {
  it.each(models)('leave the outputs within rounding: %s', async (file) => {
    const model = openModel(join(sharedFolder, file))
    const feeds = feedsOfShared(file, model)
    const expected = await runModel(model, feeds)
    const cleaned = (await run(cleanUp, model)).parts[0] as Model
    expect(verifyModel(cleaned)).toEqual([])
    expect(apart(await runModel(cleaned, feeds), expected)).toEqual([])
    const counts: Record<string, number> = {}
    for (const target of targets) {
      const fused = (await fuse.run(cleaned.fork(), fuse.options.parse({}), { ...context(), target })).parts[0] as Model
      expect(verifyModel(fused), target).toEqual([])
      expect(apart(await runModel(fused, feeds), expected), target).toEqual([])
      counts[target] = fused.graph.nodeCount
    }
    process.stdout.write(`${file}: ${model.graph.nodeCount} -> ${cleaned.graph.nodeCount} -> ${JSON.stringify(counts)}\n`)
    expect(counts.ort).toBeLessThanOrEqual(cleaned.graph.nodeCount)
  })
})
