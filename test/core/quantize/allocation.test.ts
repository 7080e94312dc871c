import { describe, expect, it } from 'vitest'
import { endingInFloat, firstAccepted, front, type Unit } from '../../../core/quantize/allocation.ts'

const unit = (name: string, small: number, noise: number): Unit => ({
  name,
  choices: [
    { precision: 'int8', bytes: small, noise, milliseconds: 0 },
    { precision: 'float32', bytes: 4 * small, noise: 0, milliseconds: 0 },
  ],
})

describe('the front', () => {
  it('goes from the smallest to all-float, taking away most noise for its bytes first', () => {
    const list = front([unit('quiet', 100, 0.001), unit('loud', 100, 0.1), unit('large and loud', 1000, 0.1)])
    expect(list.map(({ picks }) => picks.map(({ precision }) => precision))).toEqual([
      ['int8', 'int8', 'int8'],
      ['int8', 'float32', 'int8'],
      ['int8', 'float32', 'float32'],
      ['float32', 'float32', 'float32'],
    ])
    expect(list.map(({ noise }) => noise)).toEqual([...list.map(({ noise }) => noise)].sort((a, b) => b - a))
    expect(list.at(-1)?.bytes).toBe(4800)
  })

  it('never takes a larger choice that is louder', () => {
    const choices = [
      { precision: 'int4', bytes: 50, noise: 0.1, milliseconds: 0 },
      { precision: 'int8', bytes: 100, noise: 0.2, milliseconds: 0 },
      { precision: 'float32', bytes: 400, noise: 0, milliseconds: 0 },
    ]
    expect(front([{ name: 'odd', choices }]).map(({ picks }) => picks[0]?.precision)).toEqual(['int4', 'float32'])
  })

  it('of time begins with what is faster, and leaves in float what gains nothing', () => {
    const timed = (name: string, milliseconds: number, noise: number): Unit => ({
      name,
      choices: [
        { precision: 'int8', bytes: 100, noise, milliseconds },
        { precision: 'float32', bytes: 400, noise: 0, milliseconds: 0 },
      ],
    })
    const list = front(
      [timed('much faster', -5, 0.1), timed('slower', 1, 0.001), timed('faster', -1, 0.1), timed('even', 0, 0.1)],
      'milliseconds',
    )
    expect(list.map(({ picks }) => picks.map(({ precision }) => precision))).toEqual([
      ['int8', 'float32', 'int8', 'float32'],
      ['int8', 'float32', 'float32', 'float32'],
      ['float32', 'float32', 'float32', 'float32'],
    ])
    expect(list.map(({ milliseconds }) => milliseconds)).toEqual([-6, -5, 0])
  })
})

it('a front whose last point is not all-float gets that point', () => {
  const units = [unit('silent', 100, 0), unit('loud', 100, 0.1)]
  const list = endingInFloat(front(units), units)
  expect(list.map(({ picks }) => picks.map(({ precision }) => precision))).toEqual([
    ['int8', 'int8'],
    ['int8', 'float32'],
    ['float32', 'float32'],
  ])
  expect(endingInFloat(list, units)).toBe(list)
})

it('bisection finds the first that is accepted, and the last when none is', async () => {
  const list = [...Array(21).keys()]
  for (const first of [0, 1, 7, 19, 20]) expect(await firstAccepted(list, async (each) => each >= first)).toBe(first)
  expect(await firstAccepted(list, async () => false)).toBe(20)
  expect(await firstAccepted(list, async (each) => each === 0 || each > 12)).toBe(0)
})
