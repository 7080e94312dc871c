import { expect, it } from 'vitest'
import { placeLabels } from '../../../renderer/panels/candidates/place-labels.ts'

it('puts names beside their points, and none onto another', () => {
  const labels = placeLabels(
    [
      { x: 100, y: 50, text: 'A int8' },
      { x: 110, y: 50, text: 'B quantize-weights' },
      { x: 105, y: 52, text: 'C float' },
    ],
    400,
  )
  expect(labels[0]).toEqual({ x: 109, y: 44, anchor: 'start' })
  expect(new Set(labels.map(({ y, anchor }) => `${y > 50}${anchor}`)).size).toBe(3)
})

it('keeps names inside the frame', () => {
  expect(placeLabels([{ x: 380, y: 50, text: 'B quantize-weights' }], 400)[0]).toMatchObject({ anchor: 'end' })
})
