import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nondeterminism } from '../../../core/engine/determinism.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { chain, testEngine } from '../../support/engine.ts'
import { modelOf } from '../../support/graph.ts'
import { sharedFolder } from '../../support/real-models.ts'
import { sample } from '../../support/run-cli.ts'

const engine = await testEngine()
const trap = join(sharedFolder, 'models', '_traps', 'dropout_training_mode.onnx')

describe('a model that draws random numbers', () => {
  it('is told by its operators', () => {
    expect(nondeterminism(openModel(sample('text-bert', 'model.onnx')))).toEqual([])
    expect(nondeterminism(modelOf('(x: float32[2]) -> (y: float32[2])\n  r = RandomNormalLike(x)\n  y = Add(x, r)'))).toEqual([
      expect.stringContaining("RandomNormalLike '#0' draw random numbers"),
    ])
    expect(nondeterminism(modelOf('(x: float32[2]) -> (y: float32[2])\n  r = RandomNormalLike(x) {seed: 1.0}\n  y = Add(x, r)'))).toEqual(
      [],
    )
  })

  it.skipIf(!existsSync(trap))(
    'is no reason to blame a pass (skipped where ../shared is absent)',
    async () => {
      const report = await engine.run({ model: trap, pipeline: chain(['tidy', 'clean-up', { fold: false }]), rounds: 5 })
      expect(report.notes.join(' ')).toMatch(/not deterministic: Dropout.*left in training mode/)
      expect(report.stages[0]!.verification.verdict).not.toBe('rejected')
    },
    240_000,
  )
})
