import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../core/api/run-event.ts'
import { chain, problemFrom, testEngine } from '../../support/engine.ts'
import { modelFile } from '../../support/model-file.ts'
import { npyBytes, zipBytes } from '../../support/npz.ts'
import { normals, seeded } from '../../support/seeds.ts'

const engine = await testEngine()
const depth = 1280
const count = 96

/** A product that is deep enough for the blocks of GPTQ that the runtime multiplies, and samples that take seconds to observe. */
const model = await modelFile(
  engine.folder,
  `(x: float32[n, 8, ${depth}]) -> (y: float32[n, 8, 96])
    h = MatMul(x, float32[${depth}, ${depth}])
    r = Relu(h)
    y = MatMul(r, float32[${depth}, 96])`,
)
const next = normals(seeded('interrupted'))
const noise = (samples: number) => {
  const values = Float32Array.from({ length: samples * 8 * depth }, next)
  return zipBytes({ 'x.npy': npyBytes({ descr: '<f4', shape: [samples, 8, depth], data: new Uint8Array(values.buffer) }) })
}
writeFileSync(join(engine.folder, 'calibration.npz'), noise(count))
writeFileSync(join(engine.folder, 'evaluation.npz'), noise(2))
const data = join(engine.folder, 'dataset.json')
const manifest = {
  ...{ lathe: 1, kind: 'npz', metric: { kind: 'sqnr', output: 'y' } },
  ...{ calibration: { file: 'calibration.npz' }, evaluation: { file: 'evaluation.npz' } },
}
writeFileSync(data, JSON.stringify(manifest))

const stages = {
  gptq: chain(['w', 'quantize-weights', { method: 'gptq', samples: count }]),
  static: chain(['q', 'quantize-static', { samples: count }]),
}
type Stage = keyof typeof stages

let folders = 0
const start = (stage: Stage, options: { signal?: AbortSignal; onEvent?: (event: RunEvent) => void } = {}) => {
  const out = join(engine.folder, `out-${++folders}`)
  return { out, done: engine.run({ model, pipeline: stages[stage], data, out, measure: false, cache: false }, options) }
}

describe.each([
  ['gptq', [0, 400, 1200]],
  ['static', [0, 60, 150]],
] as const)('%s', (stage, moments) => {
  it.each(moments)('is cancelled %i ms after it began, at once and without a trace, and can be run again', async (ms) => {
    const abort = new AbortController()
    let aborted = 0
    const began = (event: RunEvent) => {
      if (event.type !== 'stage-started') return
      setTimeout(() => {
        aborted = performance.now()
        abort.abort()
      }, ms)
    }
    const { out, done } = start(stage, { signal: abort.signal, onEvent: began })
    const problem = await problemFrom(done).catch((error) => (error.message === 'it did not fail' ? null : Promise.reject(error)))
    // A machine that is through by then has nothing to cancel.
    if (problem === null) {
      expect(existsSync(join(out, 'model.onnx'))).toBe(true)
      return
    }
    expect(problem.kind).toBe('cancelled')
    expect(performance.now() - aborted).toBeLessThan(5000)
    expect(existsSync(out)).toBe(false)
  })

  it('ends with the reason when its runtime process is killed, or takes another one', async () => {
    let killed = false
    const killing = (event: RunEvent) => {
      if (event.type !== 'stage-started') return
      setTimeout(() => {
        killed = process.kill(engine.processes.at(-1)?.pid as number, 'SIGKILL')
      }, 250)
    }
    const { done } = start(stage, { onEvent: killing })
    const outcome = await done.then(
      () => 'done',
      (error) => error.problem?.code,
    )
    expect(killed).toBe(true)
    expect(['done', 'runtime-killed']).toContain(outcome)
  })

  it('goes through afterwards', async () => {
    const { out, done } = start(stage)
    await done
    expect(existsSync(join(out, 'model.onnx'))).toBe(true)
  })
})
