import { expect, it } from 'vitest'
import type { PassContext } from '../../../core/pass.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { workshop } from '../../support/pass-context.ts'

const shop = await workshop()

it('ranges are observed once for all options that do not change them', async () => {
  const model = modelOf(
    '(x: float32[batch, 16]) -> (y: float32[batch, 16])\nh = MatMul(x, float32[16, 16])\nr = Relu(h)\ny = MatMul(r, float32[16, 16])',
  )
  const real = shop.context(await madeUpData(shop, { name: 'x', dims: [16], count: 8 }, Math.sin))
  const observed: string[][] = []
  const context: PassContext = {
    ...real,
    observe(version, samples, calls) {
      observed.push(calls.map(({ reducer }) => reducer))
      return real.observe(version, samples, calls)
    },
  }
  const rangesBy = (reducer: string) => observed.filter((reducers) => reducers.includes(reducer)).length
  const run = (options: object) => quantizeStatic.run(model.fork(), quantizeStatic.options.parse(options), context)
  const first = await run({ weights: 'full' })
  expect(rangesBy('mse-threshold')).toBe(1)
  const second = await run({ weights: '7-bit', perChannel: true })
  expect(rangesBy('mse-threshold')).toBe(1)
  expect(second.notes?.[0]).toBe(first.notes?.[0])
  await run({ calibration: 'minmax' })
  expect(rangesBy('minmax')).toBe(1)
})
