import { describe, expect, it } from 'vitest'
import type { Accuracy } from '../../../core/api/measurement.ts'
import { whyUnusable } from '../../../core/api/outcome.ts'
import { reportPage } from '../../../core/report/html/page.ts'
import { reportMarkdown } from '../../../core/report/markdown.ts'
import { candidate, report, row } from '../../support/report.ts'

const judged = (more: Partial<Accuracy>) => ({
  accuracy: {
    metric: 'sqnr',
    baseline: 200,
    candidate: 30,
    low: 0,
    high: 0,
    samples: 8,
    verdict: 'worse',
    judgedOn: 'noise',
    ...more,
  } as const,
})

describe('a candidate that is of no use', () => {
  it.each([
    [
      'outputs far from those of the source',
      { candidate: 10.9 },
      /the SQNR of its outputs against those of the source is only 10\.9 dB, on noise/,
    ],
    [
      'points that nobody gives away',
      { metric: 'accuracy', baseline: 0.889, candidate: 0.399 },
      /accuracy is 0\.3990, that of the source 0\.8890/,
    ],
    ['answers that are others', { metric: 'agreement', baseline: 1, candidate: 0.6, verdict: 'not comparable' }, /agreement is 0\.6000/],
    ['a perplexity that rose by a fifth', { metric: 'perplexity', baseline: 6, candidate: 7.3 }, /perplexity is 7\.3000/],
  ] as const)('is told by %s', (_, more, told) => {
    const text = whyUnusable(candidate('a', judged(more)))
    expect(text).toMatch(/^Not usable as it is: /)
    expect(text).toMatch(told)
    expect(text).toContain('let mixed-precision find a mixture')
  })

  it.each([
    ['decibels that may do', { candidate: 16 }],
    ['few points', { metric: 'accuracy', baseline: 0.99, candidate: 0.95 }],
    ['points that chance may have taken', { metric: 'accuracy', baseline: 0.9, candidate: 0.8, verdict: 'no clear difference' }],
    ['some other answers', { metric: 'agreement', baseline: 1, candidate: 0.9, verdict: 'not comparable' }],
    ['a mean error, which has no scale', { metric: 'mse', baseline: 1, candidate: 9 }],
  ] as const)('is not told by %s', (_, more) => {
    expect(whyUnusable(candidate('a', judged(more)))).toBeNull()
  })

  it('is told by outputs that are no numbers any more, and not by what could not be judged', () => {
    const unavailable = '3 of 10 elements are NaN or infinite in one version alone'
    expect(whyUnusable(candidate('a', { accuracy: { unavailable, lost: true } }))).toContain(`Not usable as it is: ${unavailable}.`)
    // No layers were named that could be kept.
    expect(whyUnusable(candidate('a', { accuracy: { unavailable, lost: true }, layers: [] }))).toContain('Keep the layers that lose most')
    expect(whyUnusable(candidate('a', { accuracy: { unavailable } }))).toBeNull()
  })

  it('names the layers that lose most by themselves, not those that carry what others lost', () => {
    const layer = (name: string, sqnrDb: number, local: number) => ({
      ...row,
      names: [name],
      error: { sqnrDb, cosine: 1, maxAbs: 1, meanAbs: 0, local },
    })
    const layers = [layer('carries', 5, 50), layer('second', 9, 14), layer('first', 12, 8)]
    expect(whyUnusable(candidate('a', { ...judged({ candidate: 5 }), layers }))).toContain(
      'By themselves lose most: first (8.0 dB), second (14.0 dB).',
    )
  })

  it('with outputs next to 0 says that these samples tell little', () => {
    const whole = { ...row, kind: 'whole model' as const, error: { sqnrDb: 3.5, cosine: 0.7, maxAbs: 2e-7, meanAbs: 0, local: null } }
    expect(whyUnusable(candidate('a', { ...judged({ candidate: 3.5 }), layers: [whole] }))).toContain(
      'No element is off by more than 2e-7, though: the outputs are next to 0 on these samples',
    )
  })

  it('stands in bold in both reports', () => {
    const bad = { ...report, candidates: [candidate('a', judged({ candidate: 3.5 }))] }
    expect(reportMarkdown(bad)).toContain('**Not usable as it is: ')
    expect(reportPage(bad)).toContain('<p class="note bad">Not usable as it is: ')
    expect(reportMarkdown(report)).not.toContain('Not usable')
    expect(reportPage(report)).not.toContain('Not usable')
  })
})
