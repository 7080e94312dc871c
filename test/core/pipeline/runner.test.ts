import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../core/api/measurement.ts'
import { generatedFor } from '../../../core/engine/generated.ts'
import type { Model } from '../../../core/ir/model.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { catalogue } from '../../../core/passes/catalogue.ts'
import { createWorkbench, type Place } from '../../../core/pipeline/place.ts'
import { planOf } from '../../../core/pipeline/plan.ts'
import { safe } from '../../../core/pipeline/presets/safe.ts'
import { runPipeline } from '../../../core/pipeline/runner.ts'
import { workshop } from '../../support/pass-context.ts'
import { sharedFolder, sharedModels } from '../../support/real-models.ts'
import { sample } from '../../support/run-cli.ts'

const { runtime, store } = await workshop()

async function run(source: Model) {
  const workbench = createWorkbench(store)
  const bench = { runtime, store, workbench, seed: 7, provider: 'cpu', threads: 1 }
  const plan = planOf({ document: safe.pipeline, passes: catalogue })
  const place: Place = {
    ...{ runtime, store, workbench, passes: catalogue, data: null, cache: false, verify: true, seed: 7 },
    ...{ target: 'ort', provider: 'cpu', threads: 1 },
    samples: await generatedFor(source, bench, new AbortController().signal),
    machine: { features: [], runtime: { version: '' } } as unknown as Machine,
    evaluate: () => Promise.reject(new Error('nothing here searches')),
  }
  try {
    return await runPipeline({ plan, place, source, sourceKey: '', signal: new AbortController().signal, say: () => undefined })
  } finally {
    await workbench.remove()
  }
}

describe('the safe preset, every stage checked in the runtime', () => {
  const real = sharedModels('models', 'real-models').map((file) => join(sharedFolder, file))
  it.skipIf(real.length > 0)('on models of others: ../shared is absent', () => undefined)

  it.each([sample('digits-cnn', 'model.onnx'), sample('text-bert', 'model.onnx'), ...real])('keeps what %s computes', async (path) => {
    const { stages, failures } = await run(openModel(path).freeze())
    expect([...failures.values()]).toEqual([])
    for (const { id, verification } of stages) expect(verification, id).toMatchObject({ verdict: expect.stringMatching(/passed|skipped/) })
    for (const { changed, verification } of stages) {
      // What was changed and could not be compared says why.
      if (changed && verification.verdict === 'skipped') expect(verification.reason).toMatch(/does not run|random operators/)
    }
  })
})
