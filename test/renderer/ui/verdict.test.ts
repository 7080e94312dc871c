import { expect, it } from 'vitest'
import { sizeOf } from '../../../renderer/ui/verdict.tsx'

it('says how much faster or slower', () => {
  expect(sizeOf('better', -34)).toBe('34 % ')
  expect(sizeOf('worse', 5)).toBe('5 % ')
  expect(sizeOf('worse', 400)).toBe('5 × ')
})

it('gives no figure that contradicts the word', () => {
  expect([sizeOf('better', 5), sizeOf('worse', -34), sizeOf('better', 0), sizeOf('worse', 0), sizeOf('worse', null)]).toEqual([
    '',
    '',
    '',
    '',
    '',
  ])
})
