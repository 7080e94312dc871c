import { describe, expect, it } from 'vitest'
import { bytes, change, count, duration, milliseconds, small } from '../../../../core/cli/terminal/units.ts'

describe('figures for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1588449, '1.59 MB'],
    [999_600, '1.00 MB'],
    [438e6, '438 MB'],
    [4.4e9, '4.40 GB'],
    [-2500, '−2.50 kB'],
  ])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text))

  it.each([
    [0, '0'],
    [0.0004, '<0.001'],
    [0.0124, '0.012'],
    [7.4444, '7.44'],
    [74.44, '74.4'],
    [744.4, '744'],
  ])('%d ms are %s', (value, text) => expect(milliseconds(value)).toBe(text))

  it.each([
    [3.14, '3.1 ms'],
    [420.4, '420 ms'],
    [1234, '1.23 s'],
    [125_900, '2 min 05 s'],
  ])('%d ms last %s', (value, text) => expect(duration(value)).toBe(text))

  it.each([
    [100, 57, '-43 %'],
    [100, 101.3, '+1.3 %'],
    [100, 100.01, '±0 %'],
    [0, 0, '±0 %'],
    [0, 5, 'new'],
  ])('%d to %d is %s', (from, to, text) => expect(change(from, to)).toBe(text))

  it('groups thousands and keeps small errors short', () => {
    expect(count(1048576)).toBe('1,048,576')
    expect([0, 1.9073e-6, 0.01234, 2.66].map(small)).toEqual(['0', '1.9e-6', '0.012', '2.7'])
  })
})
