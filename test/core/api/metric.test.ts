import { expect, it } from 'vitest'
import { exactDecibels, isDistance, metricFigure, metricText, metricTitle } from '../../../core/api/metric.ts'

it('gives decibels with their unit, and a word where there is no difference', () => {
  expect(metricText('sqnr', 31.4901, 4)).toBe('31.5 dB')
  expect(metricText('sqnr', -3.26, 4)).toBe('−3.3 dB')
  expect(metricText('sqnr', exactDecibels, 4)).toBe('exact')
  expect(metricFigure('sqnr', 31.49, 3)).toEqual({ value: '31.5', unit: 'dB' })
})

it('gives other metrics with the digits asked for', () => {
  expect(metricText('accuracy', 0.98765, 3)).toBe('0.988')
  expect(metricText('accuracy', -0.00001, 3)).toBe('0.000')
})

it('names metrics as people do', () => {
  expect(['accuracy', 'sqnr', 'top5'].map(metricTitle)).toEqual(['Accuracy', 'SQNR', 'Top-5 accuracy'])
  expect(['agreement', 'sqnr'].map(isDistance)).toEqual([false, true])
})
