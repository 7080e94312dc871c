import { expect, it } from 'vitest'
import { figureLines } from '../../../../core/cli/show/figures.ts'
import { styleFor } from '../../../../core/cli/terminal/style.ts'
import { candidate } from '../../../support/report.ts'

it('gives a distance from the source in decibels, without a difference of two', () => {
  const { latencyMs: latency, peakMemoryBytes: memory, sizeBytes: size, storage, energyJoules: energy } = candidate('a')
  const taken = {
    metric: 'sqnr',
    baseline: 200,
    low: -168.5,
    high: -168.5,
    samples: 8,
    verdict: 'not comparable',
    judgedOn: 'noise',
  } as const
  const line = (decibels: number) =>
    figureLines({ accuracy: { ...taken, candidate: decibels }, latency, memory, size, storage, energy }, styleFor({ isTTY: false }, {}))[0]
  expect(line(31.49)).toEqual(['SQNR', '31.5 dB against the source  (8 samples, noise)'])
  expect(line(200)?.[1]).toMatch(/^exact against/)
})
