import { describe, expect, it } from 'vitest'
import { compared } from '../../../core/quantize/slower.ts'

const rounds = (time: number, jitter: number) => Array.from({ length: 31 }, (_, i) => time + jitter * Math.sin(i * 7))

describe('a version that leaves something in float', () => {
  it('is faster when nearly all rounds say so', () => {
    expect(compared({ runs: [rounds(2, 0.1), rounds(1.5, 0.1)], floor: 0.02 })).toMatchObject({ faster: true })
  })

  it('is not when the gain is within what one version shows against itself', () => {
    expect(compared({ runs: [rounds(2, 0.01), rounds(1.9, 0.01)], floor: 0.08 }).faster).toBe(false)
  })

  it('is not when rounds disagree, whatever the medians say', () => {
    const second = rounds(2, 0).map((time, i) => (i % 2 === 0 ? time - 0.4 : time + 0.1))
    expect(compared({ runs: [rounds(2, 0), second], floor: 0 })).toMatchObject({ before: 2, after: 1.6, faster: false })
  })
})
