import { describe, expect, it } from 'vitest'
import { bfloatToNumber, halfToNumber, numberToBfloat, numberToHalf } from '../../../core/ir/numbers.ts'
import { bfloatsOf, halvesOf } from '../../../core/quantize/half.ts'
import { seeded } from '../../support/seeds.ts'

/** Float32 values of every exponent, and both neighbours of every rounding border. */
function probes(): Float32Array {
  const random = seeded('halves')
  const bits = new Uint32Array(200_000)
  for (let i = 0; i < bits.length; i++) bits[i] = Math.floor(random() * 2 ** 32)
  for (let half = 0, i = 0; half < 0x7c00; half += 7, i += 3) {
    const middle = Math.fround((halfToNumber(half) + halfToNumber(half + 1)) / 2)
    const around = new Uint32Array(Float32Array.of(middle).buffer)[0]!
    bits.set([around - 1, around, around + 1], i)
  }
  return new Float32Array(bits.buffer)
}

describe('float16', () => {
  const values = probes()

  it('rounds as IEEE 754 asks, subnormals included, and keeps infinities and NaN', () => {
    const { values: halves } = halvesOf(values)
    values.forEach((value, i) => {
      const beyond = Number.isFinite(value) && !Number.isFinite(halfToNumber(numberToHalf(value)))
      const expected = beyond ? Math.sign(value) * 65504 : halfToNumber(numberToHalf(value))
      if (!Object.is(halfToNumber(halves[i]!), expected)) expect([value, halfToNumber(halves[i]!)]).toEqual([value, expected])
    })
  })

  it('counts what it clamps', () => {
    expect(halvesOf(Float32Array.of(65519, 65520, -1e9, Number.POSITIVE_INFINITY))).toEqual({
      values: Uint16Array.of(0x7bff, 0x7bff, 0xfbff, 0x7c00),
      clamped: 2,
    })
  })
})

it('bfloat16 rounds as the reference does', () => {
  const values = probes()
  const shortened = bfloatsOf(values)
  values.forEach((value, i) => {
    const expected = bfloatToNumber(numberToBfloat(value))
    if (!Object.is(bfloatToNumber(shortened[i]!), expected)) expect([value, bfloatToNumber(shortened[i]!)]).toEqual([value, expected])
  })
})
