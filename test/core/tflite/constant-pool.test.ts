import { describe, expect, it } from 'vitest'
import { tfliteWeights } from '../../../core/api/requests.ts'
import { agreement, converted, frozen } from '../../support/check-tflite.ts'
import { modelOf } from '../../support/graph.ts'
import { encodeFile } from '../../support/tflite-bytes.ts'

const bytesOf = (text: string, options = {}) => encodeFile(converted(frozen(modelOf(text)), options).file).byteLength

describe('what appears often is stored once', () => {
  it('the weights that two convolutions share', () => {
    const text = (second: string) => `(x: float32[1, 32, 8, 8]) -> (y: float32[1, 32, 8, 8])
w = float32[32, 32, 3, 3]
v = float32[32, 32, 3, 3] positive
a = Conv(x, w) {pads: [1, 1, 1, 1]}
y = Conv(a, ${second}) {pads: [1, 1, 1, 1]}`
    const weights = 32 * 32 * 9 * 4
    expect(bytesOf(text('w'))).toBeLessThan(1.2 * weights)
    expect(bytesOf(text('v'))).toBeGreaterThan(2 * weights)
  })

  it('the weights of a recurrent layer, however many steps read them', () => {
    const text = `opset 17
(x: float32[40, 1, 64]) -> (y: float32[40, 1, 1, 64])
w = float32[1, 192, 64]
r = float32[1, 192, 64]
y = GRU(x, w, r) {hidden_size: 64}`
    expect(bytesOf(text)).toBeLessThan(2 * 192 * 64 * 4 + 200_000)
  })
})

const tied = `opset 17
(ids: int64[1, 4]) -> (y: float32[1, 4, 96])
table = float32[96, 32]
x = Gather(table, ids)
w = Transpose(table) {perm: [1, 0]}
y = MatMul(x, w)`

describe('a table that the last product reads too', () => {
  it.each(tfliteWeights)('is stored once with %s weights, and gives what it gave', async (weights) => {
    const whole = 96 * 32 * { float32: 4, float16: 2, int8: 1, int4: 1 }[weights]
    expect(bytesOf(tied, { weights })).toBeLessThan(whole + 4000)
    expect((await agreement(modelOf(tied), { weights })).relative).toBeLessThan(
      { float32: 1e-5, float16: 1e-2, int8: 0.2, int4: 0.2 }[weights],
    )
  })
})
