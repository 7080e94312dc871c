import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import type { Exported } from '../../../core/api/answers.ts'
import { Verification } from '../../../renderer/panels/export/verification.tsx'

const shown = (rounding: number | null, passed = true) =>
  renderToStaticMarkup(
    createElement(Verification, {
      exported: {
        verification: {
          ...{ maxAbs: 0.004, maxRelative: 0.0013, cosine: 1, agreement: 1, samples: 4, inputs: 'random inputs', passed, rounding },
          ...{
            why: passed ? null : 'too far',
            latencyMs: { unavailable: 'not timed' },
            accuracy: { unavailable: 'no dataset' },
            ranBy: 'LiteRT',
          },
        },
      } as Exported,
    }),
  )

it('says where a file passed only because rounding alone is as far, and how far that is', () => {
  expect(shown(0.00026)).toMatch(/Verified, but for rounding.*by rounding.*2\.6e-4/)
  expect(shown(null)).toContain('Verified as written')
  expect(shown(null)).not.toContain('rounding')
  expect(shown(0.00026, false)).toContain('Verification failed')
})
