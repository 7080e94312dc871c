import { describe, expect, it } from 'vitest'
import { compared, comparedBy } from '../../../core/quantize/slower.ts'

const rounds = (time: number, jitter: number, phase = 0) => Array.from({ length: 31 }, (_, i) => time + jitter * Math.sin(7 * i + phase))
const twice = (time: number, jitter: number) => [rounds(time, jitter), rounds(time, jitter, 2)]

/** Most rounds lose whole time slices to other work, as on a machine with more work than cores. */
const crowded = (time: number, share: number, phase = 0) =>
  Array.from({ length: 31 }, (_, i) => time + ((i * 13 + phase) % 31 < share * 31 ? 3 + ((i * 7 + phase) % 5) : 0.02 * (i % 3)))

describe('of two versions', () => {
  it('the faster one is named when nearly all rounds say so', () => {
    expect(compared([twice(2, 0.1), twice(1.5, 0.1)])).toMatchObject({ verdict: 'faster' })
    expect(compared([twice(1.5, 0.1), twice(2, 0.1)])).toMatchObject({ verdict: 'slower' })
  })

  it('none is when the gain is within what copies of one version show', () => {
    const apart = [rounds(2, 0.01), rounds(1.85, 0.01)]
    expect(compared([apart, [rounds(1.9, 0.01), rounds(1.75, 0.01)]]).verdict).toBe('unclear')
  })

  it('none is when rounds differ more than versions', () => {
    expect(compared([twice(2, 0.5), [rounds(1.98, 0.5, 1), rounds(1.98, 0.5, 3)]]).verdict).toBe('unclear')
  })

  it('the one that takes a third is found where other work disturbs four of five rounds', () => {
    const float = [crowded(1.5, 0.8), crowded(1.5, 0.8, 5)]
    const eight = [crowded(0.5, 0.8, 3), crowded(0.5, 0.8, 11)]
    expect(compared([float, eight])).toMatchObject({ before: expect.closeTo(1.5, 1), after: expect.closeTo(0.5, 1), verdict: 'faster' })
  })
})

describe('timing again', () => {
  const noisy = { copies: [twice(2, 1), [rounds(1.9, 1, 1), rounds(2.6, 1, 3)]] }
  const asked = async (...blocks: { copies: number[][][] }[]) => {
    let count = 0
    await comparedBy(async () => blocks[Math.min(count++, blocks.length - 1)]!)
    return count
  }

  it('happens where noise leaves the answer open, and ends', async () => {
    expect(await asked(noisy)).toBe(3)
  })

  it('does not happen where the answer is clear, or more rounds would not change it', async () => {
    expect(await asked({ copies: [twice(2, 0.1), twice(1, 0.1)] })).toBe(1)
    expect(await asked({ copies: [twice(2, 0.001), twice(2, 0.001)] })).toBe(1)
  })
})
