import { expect, it } from 'vitest'
import { bytes, count, milliseconds, percentChange, plain, signed, three, wholeSeconds } from '../../../renderer/ui/figures.ts'

it('reads like an instrument', () => {
  expect([0.0714, 4.4, 12.34, 417.2].map(three)).toEqual(['0.071', '4.40', '12.3', '417'])
})
it('says sizes in decimal units', () => {
  expect([999, 4_148_100, 65_536].map(bytes)).toEqual([
    { value: '999', unit: 'B' },
    { value: '4.15', unit: 'MB' },
    { value: '65.5', unit: 'kB' },
  ])
})
it('says times from microseconds to minutes', () => {
  expect([0.071, 4.4, 1900, 101_000].map(milliseconds)).toEqual([
    { value: '0.071', unit: 'ms' },
    { value: '4.40', unit: 'ms' },
    { value: '1.9', unit: 's' },
    { value: '1:41', unit: 'min' },
  ])
})
it('says times that go on in whole seconds', () => {
  expect([48_340, 59_700, 101_400].map(wholeSeconds)).toEqual([
    { value: '48', unit: 's' },
    { value: '1:00', unit: 'min' },
    { value: '1:41', unit: 'min' },
  ])
})
it('counts parameters', () => {
  expect([379, 1_020_000, 109_000_000].map(count)).toEqual([
    { value: '379', unit: '' },
    { value: '1.02', unit: 'M' },
    { value: '109', unit: 'M' },
  ])
})
it('signs changes with a true minus, and nothing with plus or minus', () => {
  expect(percentChange(4.4, 2.9)).toBe('−34 %')
  expect(percentChange(4, 4)).toBe('±0 %')
  expect(signed(-0.2, 1)).toBe('−0.2')
  expect(signed(0.01, 1)).toBe('±0.0')
  expect(plain(-0.0001, 2)).toBe('0.00')
})
