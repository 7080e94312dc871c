import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { freezeShapes } from '../../../core/passes/freeze-shapes.ts'
import { checkSame } from '../../support/check-rule.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const { run } = await workshop()
const source =
  '(x: float32[n, m, 4]) -> (y: float32[n, m])\ns = Shape(x)\nk = Slice(s, int64[1] {0}, int64[1] {2})\nr = ReduceSum(x, int64[1] {2}) {keepdims: 0}\ny = Expand(r, k)'
const text = (model: Model | undefined) => (model === undefined ? '' : modelText(model, { names: 'canonical' }))

describe('freeze-shapes', () => {
  it('fixes the sizes it is given and folds what hangs on them', async () => {
    const model = modelOf(source)
    const { changed, parts } = await run(freezeShapes, model, { sizes: { n: 2, m: 3 } })
    expect(changed).toBe(true)
    expect(text(parts[0])).toBe(
      'opset 21, com.microsoft 1\n(x: float32[2, 3, 4]) -> (y: float32[2, 3])\ny = ReduceSum(x, int64[1] {2}) {keepdims: 0}',
    )
    await checkSame(model, parts[0] as Model, {
      fidelity: 'exact',
      sizes: new Map([
        ['n', 2],
        ['m', 3],
      ]),
    })
  })

  it('gives all others one size', async () => {
    expect(text((await run(freezeShapes, modelOf(source), { sizes: { n: 2 }, rest: 5 })).parts[0])).toContain(
      '(x: float32[2, 5, 4]) -> (y: float32[2, 5])',
    )
  })

  it('has no point where all shapes are fixed', () => {
    expect(freezeShapes.pointless?.(modelOf('(x: float32[2]) -> (y)\ny = Relu(x)'), { sizes: {}, rest: null })).toBe(
      'Every input already has a fixed shape.',
    )
    expect(freezeShapes.pointless?.(modelOf(source), { sizes: {}, rest: null })).toBeNull()
  })

  it('names the symbols there are when one is not', async () => {
    await expect(run(freezeShapes, modelOf(source), { sizes: { batch: 1 } })).rejects.toThrow(
      "No input has a size called 'batch' (path options.sizes.batch). Its symbols are n, m.",
    )
  })
})
