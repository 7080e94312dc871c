import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { CutWithin } from '../../../renderer/ui/cut-within.tsx'

it('keeps the numbers at the end of a name, and changes no letter of it', () => {
  const shown = (text: string) => renderToStaticMarkup(<CutWithin text={text} />)
  expect(shown('ConvBnFusion_W_277_60')).toMatch(/>ConvBnFusion_W<.*>_277_60</)
  for (const text of ['attention.output.LayerNorm', '12', 'Conv_305']) expect(shown(text).replaceAll(/<[^>]*>/g, '')).toBe(text)
  expect(shown('attention.output.LayerNorm')).not.toContain('cut-within')
})
