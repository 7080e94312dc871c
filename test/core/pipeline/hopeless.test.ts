import { describe, expect, it } from 'vitest'
import type { SampleData } from '../../../core/data/open.ts'
import { catalogue } from '../../../core/passes/catalogue.ts'
import { hopelessStages } from '../../../core/pipeline/hopeless.ts'
import { planOf } from '../../../core/pipeline/plan.ts'
import { modelOf } from '../../support/graph.ts'

const float = modelOf('(x: float32[n, 64]) -> (y: float32[n, 64])\nh = MatMul(x, float32[64, 64])\ny = Relu(h)').freeze()
type Spec = readonly (readonly [id: string, pass: string, after: string, options?: object])[]

const planned = (spec: Spec) =>
  planOf({
    passes: catalogue,
    document: {
      lathe: 1,
      name: 'test',
      target: 'ort',
      stages: spec.map(([id, pass, , options = {}]) => ({ id, pass, options })),
      wires: spec.map(([id, , after]) => [after, id]),
    },
  })

const given = (calibration: boolean) => ({
  passes: catalogue,
  target: 'ort' as const,
  data: calibration ? ({ calibration: {} } as unknown as SampleData) : null,
})

const codes = (spec: Spec, { calibration = false } = {}) =>
  Object.fromEntries(
    [...hopelessStages(planned(spec), given(calibration), float)].map(([id, { code, where }]) => [id, `${code} at ${where.stage}`]),
  )

const lacking = 'no-calibration-data at int8'

describe('a stage that is sure to fail', () => {
  it('is known before those that lead to it alone begin', () => {
    const spec: Spec = [
      ['tidy', 'clean-up', 'source'],
      ['fuse', 'fuse', 'tidy'],
      ['int8', 'quantize-static', 'fuse'],
    ]
    expect(codes(spec)).toEqual({ tidy: lacking, fuse: lacking, int8: lacking })
    expect(codes(spec, { calibration: true })).toEqual({})
  })

  it('leaves what other branches need', () => {
    const spec: Spec = [
      ['tidy', 'clean-up', 'source'],
      ['int8', 'quantize-static', 'tidy'],
      ['dynamic', 'quantize-dynamic', 'tidy'],
    ]
    expect(codes(spec)).toEqual({ int8: lacking })
  })

  it('is none where an option does without samples, or a stage before may leave nothing to do', () => {
    expect(codes([['int8', 'quantize-static', 'source', { withoutData: 'skip' }]])).toEqual({})
    expect(codes([['int4', 'quantize-weights', 'source']])).toEqual({})
    expect(codes([['gptq', 'quantize-weights', 'source', { method: 'gptq' }]])).toEqual({ gptq: 'no-calibration-data at gptq' })
    expect(
      codes([
        ['dynamic', 'quantize-dynamic', 'source'],
        ['int8', 'quantize-static', 'dynamic'],
      ]),
    ).toEqual({})
  })

  it('is none where what it keeps may come to be on the way', () => {
    expect(codes([['int8', 'quantize-static', 'source', { keep: ['a node that fusing makes'] }]])).toEqual({})
  })
})
