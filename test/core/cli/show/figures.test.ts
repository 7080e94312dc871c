import { expect, it } from 'vitest'
import { type Figures, figureLines } from '../../../../core/cli/show/figures.ts'
import { styleFor } from '../../../../core/cli/terminal/style.ts'
import { candidate, unclear } from '../../../support/report.ts'

const { accuracy, latencyMs: latency, peakMemoryBytes: memory, sizeBytes: size, storage, energyJoules: energy } = candidate('a')
const lines = (more: Partial<Figures>) =>
  figureLines({ accuracy, latency, memory, size, storage, energy, ...more }, styleFor({ isTTY: false }, {}))

it('says why nothing is claimed where the interval would claim it', () => {
  expect(lines({ latency: unclear })[1]?.[1]).toMatch(
    /≈ no clear difference {2}\(0\.50x, 95 % between 0\.37 and 0\.57; the machine was unsteady: the same file differed from itself by 62 %\)$/,
  )
  expect(lines({})[1]?.[1]).toMatch(/\(0\.50x, 95 % between 0\.40 and 0\.60\)$/)
})

it('gives a distance from the source in decibels, without a difference of two', () => {
  const taken = {
    metric: 'sqnr',
    baseline: 200,
    low: -168.5,
    high: -168.5,
    samples: 8,
    verdict: 'not comparable',
    judgedOn: 'noise',
  } as const
  const line = (decibels: number) => lines({ accuracy: { ...taken, candidate: decibels } })[0]
  expect(line(31.49)).toEqual(['SQNR', '31.5 dB against the source  (8 samples, noise)'])
  expect(line(200)?.[1]).toMatch(/^exact against/)
})
