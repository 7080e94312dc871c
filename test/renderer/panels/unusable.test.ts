import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import type { Accuracy } from '../../../core/api/measurement.ts'
import { Unusable, UnusableTag } from '../../../renderer/panels/candidates/unusable.tsx'
import { candidate } from '../../support/report.ts'

const judged = (decibels: number) => {
  const accuracy: Accuracy = {
    ...{ metric: 'sqnr', baseline: 200, candidate: decibels, low: 0, high: 0, samples: 8 },
    ...{ verdict: 'worse', judgedOn: 'noise' },
  }
  return candidate('a', { accuracy })
}
const shown = (part: typeof Unusable | typeof UnusableTag, decibels: number) =>
  renderToStaticMarkup(createElement(part, { candidate: judged(decibels) }))

it('says loudly of a candidate that is of no use why, and in few words where there is no room for more', () => {
  expect(shown(Unusable, 3.5)).toMatch(
    /Not usable as it is: the SQNR of its outputs against those of the source is only 3\.5 dB, on noise.*mixed-precision/,
  )
  expect(shown(UnusableTag, 3.5)).toMatch(/title="Not usable as it is: [^"]*".*not usable as it is/)
})

it('says nothing of one that may do', () => {
  expect([shown(Unusable, 30), shown(UnusableTag, 30)]).toEqual(['', ''])
})
