import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { graphText } from '../../../core/ir/text.ts'
import type { PassContext } from '../../../core/pass.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import { modelOf } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'
import { difference, feedsFor, runModel } from '../../support/run-model.ts'

const { context } = await workshop()
const options = fuse.options.parse({ choose: 'measured' })

/** Two blocks alike, and one of another size. */
const model = modelOf(`opset 17
  (x: float32[batch, length, 32], z: float32[batch, length, 32]) -> (y)
  a = Add(x, z)
  n = LayerNormalization(a, float32[32], float32[32]) {axis: -1}
  m = MatMul(n, float32[32, 32])
  b = Add(m, z)
  o = LayerNormalization(b, float32[32], float32[32]) {axis: -1}
  p = MatMul(o, float32[32, 48])
  q = MatMul(z, float32[32, 48])
  c = Add(p, q)
  y = LayerNormalization(c, float32[48], float32[48]) {axis: -1}`)

/** A runtime that finds the way with a fused operator to take `times` as long as the other. */
const timing = (times: (operators: string) => number, asked: string[] = []): PassContext['time'] => {
  return async ([lowered, apart]) => {
    const text = graphText((lowered as Model).graph)
    asked.push(text)
    expect(graphText((apart as Model).graph)).not.toBe(text)
    return { runs: [new Array<number>(5).fill(times(text)), new Array<number>(5).fill(1)], copies: [], floor: 0.02 }
  }
}

const fusedWith = async (time: PassContext['time']) => {
  const { parts, notes = [] } = await fuse.run(model.fork(), options, { ...context(), time, memo: (_key, make) => make() })
  return { text: graphText((parts[0] as Model).graph), notes }
}

describe('lowerings chosen by measurement', () => {
  it('are timed once for each kind of place, as small models of fixed sizes', async () => {
    const asked: string[] = []
    const { notes } = await fusedWith(timing(() => 1, asked))
    expect(asked).toHaveLength(2)
    expect(asked[0]).toContain('float32[1, 128, 32]')
    expect(notes).toEqual([
      'fuse-lone-skip-norm is done at 2 places (float32[1,128,32]): 1.00 ms against 1.00 ms without it, no clear difference.',
      'fuse-lone-skip-norm is done at one place (float32[1,128,48]): 1.00 ms against 1.00 ms without it, no clear difference.',
      'Timed at batch = 1, length = 128: medians of interleaved rounds.',
    ])
  })

  it('are left out where they are slower, and only there', async () => {
    const { text, notes } = await fusedWith(timing((operators) => (operators.includes('48') ? 1.5 : 0.9)))
    expect(text.match(/SkipLayerNormalization/g)).toHaveLength(2)
    expect(text.match(/= Sum\(/g)).toHaveLength(1)
    expect(notes[1]).toBe('fuse-lone-skip-norm is not done at one place (float32[1,128,48]): 1.50 ms against 1.00 ms without it.')
  })

  it('stay where the difference is within what the same model shows against itself', async () => {
    const { text } = await fusedWith(async () => ({ runs: [[1.2], [1]], copies: [], floor: 0.3 }))
    expect(text.match(/SkipLayerNormalization/g)).toHaveLength(3)
  })

  it('are remembered for the machine, whichever model asks', async () => {
    const asked: string[] = []
    for (let round = 0; round < 2; round++) await fuse.run(model.fork(), options, { ...context(), time: timing(() => 1, asked) })
    expect(asked).toHaveLength(2)
  })

  it('are timed by the runtime, and leave the outputs as they are', async () => {
    const other = modelOf(graphText(model.graph).replaceAll('48', '64'))
    const { parts, notes = [] } = await fuse.run(other.fork(), options, context())
    expect(notes).toHaveLength(3)
    expect(notes[1]).toMatch(
      /^fuse-lone-skip-norm is (not )?done at one place \(float32\[1,128,64\]\): [\d.]+ ms against [\d.]+ ms without it(, no clear difference)?\.$/,
    )
    const feeds = feedsFor(other)
    const [expected, actual] = [await runModel(other, feeds), await runModel(parts[0] as Model, feeds)]
    expect(difference(actual.y, expected.y as NonNullable<typeof expected.y>, 'rounding')).toBeNull()
  })
})
