import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { textOf } from '../../../core/ir/text.ts'
import { reparameterize } from '../../../core/passes/reparameterize.ts'
import { checkSame } from '../../support/check-rule.ts'
import { modelOf } from '../../support/graph.ts'
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
    expect(textOf(part, { names: 'canonical' }).split('\n').slice(2)).toEqual([
      '%1 = Conv(x, float32[4, 4, 3, 3], float32[4]) {pads: [1, 1, 1, 1]}',
      'y = Relu(%1)',
    ])
    await checkSame(model, part, { fidelity: 'rounding' })
  })

  it('says that it changed nothing where there is no such block', async () => {
    expect((await run(reparameterize, modelOf('(x: float32[2]) -> (y)\ny = Relu(x)'))).changed).toBe(false)
  })
})
