import { expect, it } from 'vitest'
import { modelFile, sessionOf, testFolder } from '../../../support/model-file.ts'
import { testRuntime } from '../../../support/spawn-runtime.ts'
import { tensorData } from '../../../support/tensor-data.ts'

const folder = testFolder()
const runtime = await testRuntime()
const feeds = { x: tensorData('float32', [1], [1]) }

/** A model that holds `mega` MB of activations at once, and next to nothing before and after. */
const peaking = (mega: number) =>
  modelFile(
    folder,
    `opset 17
    (x: float32[1]) -> (y: float32[])
    w = float32[1, 1] ones
    shape = int64[1] ones
    n = Mul(shape, int64 ${mega * 250_000})
    big = Expand(x, n)
    y = ReduceSum(big) {keepdims: 0}`,
  )

it('is the peak of this model alone', async () => {
  const small = await runtime.memory(sessionOf(await peaking(1)), feeds)
  const large = await runtime.memory(sessionOf(await peaking(300)), feeds)
  expect(small.peak).toBeLessThan(100e6)
  expect(large.peak - small.peak).toBeGreaterThan(280e6)
  expect(large.peak - small.peak).toBeLessThan(700e6)
  expect(runtime.processes).toHaveLength(2)
})
