import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../core/api/measurement.ts'
import { fusionsFor } from '../../../core/engine/fusions.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { catalogue } from '../../../core/passes/catalogue.ts'
import { sample } from '../../support/run-cli.ts'

const machine = { int8DotProduct: false } as Machine

describe('what fusing would bring', () => {
  it('tells whether there are sums that a normalization would take in', async () => {
    const found = (name: string, target: 'ort' | 'onnx') => fusionsFor(openModel(sample(name, 'model.onnx')), target, catalogue, machine)
    expect(await found('text-bert', 'ort')).toMatchObject({ hasSums: true })
    expect(await found('digits-cnn', 'ort')).toMatchObject({ hasSums: false })
    expect(await found('text-bert', 'onnx')).toMatchObject({ hasSums: null, withoutSums: null })
  })
})
