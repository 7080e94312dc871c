import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const { run } = await workshop()
const body = (model: Model | undefined) =>
  model === undefined ? '' : modelText(model, { names: 'canonical' }).split('\n').slice(2).join('\n')

describe('clean-up', () => {
  it('folds what depends on constants alone in the runtime', async () => {
    const model = modelOf('(x: float32[2, 4]) -> (y)\na = Transpose(float32[4, 4]) {perm: [1, 0]}\nb = Erf(a)\ny = MatMul(x, b)')
    const { changed, parts } = await run(cleanUp, model)
    expect(changed).toBe(true)
    expect(body(parts[0])).toBe('y = MatMul(x, float32[4, 4])')
    expect(parts[0]?.lineage.changes.at(-1)).toMatchObject({ rule: 'fold-constants', removed: ['1'] })
  })

  it('does not fold what would make the file larger, random or stored in few bits on purpose', async () => {
    const large = '(x: float32[1]) -> (y)\na = ConstantOfShape(int64[2] {2000, 2000})\nb = Sin(a)\ny = Add(x, b)'
    expect((await run(cleanUp, modelOf(large))).changed).toBe(false)
    const quantized = '(x: float32[2, 4]) -> (y)\nw = DequantizeLinear(int8[4, 4], float32 0.5)\ny = MatMul(x, w)'
    expect((await run(cleanUp, modelOf(quantized))).changed).toBe(false)
    const random = '(x: float32[2]) -> (y)\nr = RandomNormal() {shape: [2]}\ny = Add(x, r)'
    expect((await run(cleanUp, modelOf(random))).changed).toBe(false)
  })

  it('leaves operators alone that nobody here knows: they may draw, count, or read something else', async () => {
    const model = modelOf(
      '(x: float32[2]) -> (y)\na = mine.Counted(float32[2])\nb = mine.Counted(float32[2])\nc = Add(a, b)\ny = Add(x, c)',
    )
    const { changed, parts } = await run(cleanUp, model)
    expect([changed, parts[0]?.graph.nodes.length]).toEqual([false, 4])
  })

  it('leaves arithmetic as it is when told to', async () => {
    const model = modelOf('(x: float32[2]) -> (y)\na = Mul(x, float32 2.0)\ny = Mul(a, float32 3.0)')
    expect((await run(cleanUp, model, { arithmetic: false })).changed).toBe(false)
    expect(body((await run(cleanUp, model)).parts[0])).toBe('y = Mul(x, float32 6.0)')
  })

  it('says truthfully that it changed nothing', async () => {
    const { changed, parts } = await run(cleanUp, modelOf('(x: float32[2]) -> (y)\ny = Relu(x)'))
    expect(changed).toBe(false)
    expect(parts[0]?.lineage.changes).toEqual([])
  })
})
