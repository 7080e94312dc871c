import { expect, it } from 'vitest'
import { qualityScale } from '../../../renderer/panels/candidates/quality-scale.ts'

it('keeps what is exact off the scale of decibels', () => {
  const { at, ticks, exact } = qualityScale('sqnr', [31.5, 44, 200], 280, 22)
  expect(at(200)).toBe(exact)
  expect(ticks.at(-1)).toEqual({ at: exact, text: 'exact' })
  // The two that differ take most of the height, which a scale to 200 would leave them a tenth of.
  expect(at(31.5) - at(44)).toBeGreaterThan(120)
  expect(at(44)).toBeGreaterThan(exact! + 20)
  expect(ticks.every(({ at: y }) => y >= exact!)).toBe(true)
})

it('has the one line where nothing differs', () => {
  const { at, ticks } = qualityScale('sqnr', [200, 200], 280, 22)
  expect(ticks.map(({ text }) => text)).toEqual(['exact'])
  expect(at(200)).toBe(30)
})

it('leaves other metrics their scale', () => {
  const { exact, ticks } = qualityScale('accuracy', [0.98, 0.99], 280, 22)
  expect(exact).toBeNull()
  expect(ticks.map(({ text }) => text)).toEqual(['0.980', '0.985', '0.990'])
})

it('goes no further than all samples, where it is a share of them', () => {
  const { ticks, at } = qualityScale('accuracy', [0.99, 0.99], 280, 22)
  expect(ticks.length).toBeGreaterThan(2)
  expect(Math.max(...ticks.map(({ text }) => Number(text)))).toBeLessThanOrEqual(1)
  expect(at(0.99)).toBeCloseTo(151, 0)
})
