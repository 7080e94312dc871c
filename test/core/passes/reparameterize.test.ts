import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { reparameterize } from '../../../core/passes/reparameterize.ts'
import { checkSame } from '../../support/check-rule.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const { run } = await workshop()
const norm = 'float32[4], float32[4], float32[4], float32[4] positive'

describe('reparameterize', () => {
  it('makes one convolution of a RepVGG block: 3x3, 1x1 and identity, each normalized', async () => {
    const model = modelOf(
      `(x: float32[2, 4, 6, 6]) -> (y)\na = Conv(x, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}\np = BatchNormalization(a, ${norm})\n` +
        `b = Conv(x, float32[4, 4, 1, 1])\nq = BatchNormalization(b, ${norm})\nr = BatchNormalization(x, ${norm})\ns = Add(p, q)\nt = Add(s, r)\ny = Relu(t)`,
    )
    const { changed, parts } = await run(reparameterize, model)
    expect(changed).toBe(true)
    const part = parts[0] as Model
    expect(modelText(part, { names: 'canonical' }).split('\n').slice(2)).toEqual([
      '%1 = Conv(x, float32[4, 4, 3, 3], float32[4]) {pads: [1, 1, 1, 1]}',
      'y = Relu(%1)',
    ])
    await checkSame(model, part, { fidelity: 'rounding' })
  })

  const kinds: readonly (readonly [kind: string, body: string, weights: string])[] = [
    [
      'MobileOne, depthwise: several kernels, 1x1 and identity',
      `a = Conv(x, float32[4, 1, 3, 3]) {group: 4, pads: [1, 1, 1, 1]}
       p = BatchNormalization(a, ${norm})
       b = Conv(x, float32[4, 1, 3, 3]) {group: 4, pads: [1, 1, 1, 1]}
       q = BatchNormalization(b, ${norm})
       c = Conv(x, float32[4, 1, 1, 1]) {group: 4}
       r = BatchNormalization(c, ${norm})
       i = BatchNormalization(x, ${norm})
       s = Add(i, p)
       t = Add(s, q)
       y = Add(r, t)`,
      'float32[4, 1, 3, 3]',
    ],
    [
      'MobileOne, pointwise: several 1x1 and identity',
      `a = Conv(x, float32[4, 4, 1, 1])
       p = BatchNormalization(a, ${norm})
       b = Conv(x, float32[4, 4, 1, 1])
       q = BatchNormalization(b, ${norm})
       i = BatchNormalization(x, ${norm})
       s = Add(p, q)
       y = Add(s, i)`,
      'float32[4, 4, 1, 1]',
    ],
    [
      'MobileOne, the first of a stage: no identity',
      `a = Conv(x, float32[4, 1, 3, 3]) {group: 4, pads: [1, 1, 1, 1], strides: [2, 2]}
       p = BatchNormalization(a, ${norm})
       c = Conv(x, float32[4, 1, 1, 1]) {group: 4, strides: [2, 2]}
       r = BatchNormalization(c, ${norm})
       y = Add(p, r)`,
      'float32[4, 1, 3, 3]',
    ],
    [
      'ACNet: 3x3 with 1x3 and 3x1',
      `a = Conv(x, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}
       p = BatchNormalization(a, ${norm})
       b = Conv(x, float32[4, 4, 1, 3]) {pads: [0, 1, 0, 1]}
       q = BatchNormalization(b, ${norm})
       c = Conv(x, float32[4, 4, 3, 1]) {pads: [1, 0, 1, 0]}
       r = BatchNormalization(c, ${norm})
       s = Add(q, r)
       y = Add(s, p)`,
      'float32[4, 4, 3, 3]',
    ],
    [
      'RepVGG, grouped and summed at once',
      `a = Conv(x, float32[4, 2, 3, 3]) {group: 2, pads: [1, 1, 1, 1]}
       b = Conv(x, float32[4, 2, 1, 1], float32[4]) {group: 2}
       i = BatchNormalization(x, ${norm})
       y = Sum(a, i, b)`,
      'float32[4, 2, 3, 3]',
    ],
    [
      'RepLKNet: a large kernel with a small one, and one with gaps',
      `a = Conv(x, float32[4, 1, 7, 7]) {group: 4, pads: [3, 3, 3, 3]}
       p = BatchNormalization(a, ${norm})
       b = Conv(x, float32[4, 1, 3, 3]) {group: 4, pads: [1, 1, 1, 1]}
       q = BatchNormalization(b, ${norm})
       c = Conv(x, float32[4, 1, 3, 3]) {group: 4, pads: [3, 3, 3, 3], dilations: [3, 3]}
       r = BatchNormalization(c, ${norm})
       s = Add(p, q)
       y = Add(s, r)`,
      'float32[4, 1, 7, 7]',
    ],
  ]
  it.each(kinds)('makes one convolution of a block of %s', async (_kind, body, weights) => {
    const model = modelOf(`opset 18\n(x: float32[2, 4, 7, 7]) -> (y)\n${body}`)
    const part = (await run(reparameterize, model)).parts[0] as Model
    expect(part.graph.nodeCount).toBe(1)
    expect(modelText(part, { names: 'canonical' })).toContain(`y = Conv(x, ${weights}, float32[4])`)
    await checkSame(model, part, { fidelity: 'rounding' })
  })

  it('says that it changed nothing where there is no such block', async () => {
    expect((await run(reparameterize, modelOf('(x: float32[2]) -> (y)\ny = Relu(x)'))).changed).toBe(false)
  })
})
