import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../core/passes/catalogue.ts'
import { planOf } from '../../../core/pipeline/plan.ts'
import { presetsWith } from '../../../core/pipeline/presets/index.ts'

describe('presets', () => {
  const presets = presetsWith(catalogue)

  it.each(presets.map(({ id }) => id))('%s is a pipeline that can run, without conflicts', (id) => {
    const { pipeline, summary } = presets.find((preset) => preset.id === id)!
    const plan = planOf({ document: pipeline, passes: catalogue })
    expect(plan.warnings).toEqual([])
    expect(plan.leaves).toHaveLength(1)
    expect(summary).toMatch(/\.$/)
  })

  it('are offered only when all of their passes are there', () => {
    expect(presetsWith(catalogue.filter(({ id }) => id !== 'quantize-dynamic')).map(({ id }) => id)).not.toContain('cpu-int8')
    expect(presets.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['safe', 'cpu-int8', 'cpu-int8-static', 'tensorrt-int8', 'mobile-int8']),
    )
  })

  it('keep to exact and rounding passes where they say safe', () => {
    const safe = presets.find(({ id }) => id === 'safe')!
    const fidelities = safe.pipeline.stages.map(({ pass }) => catalogue.find(({ id }) => id === pass)!.fidelity)
    expect(fidelities).not.toContain('lossy')
  })
})
