import { expect, it } from 'vitest'
import { sensitivityTable } from '../../../../core/cli/show/sensitivity.ts'
import { styleFor } from '../../../../core/cli/terminal/style.ts'
import { sensitivity } from '../../../support/report.ts'

const plain = styleFor({ isTTY: false }, {})

it('shows each layer with its trials, and what was not tried as nothing', () => {
  const lines = sensitivityTable(sensitivity, plain).split('\n')
  const cells = (line: string) => line.trim().split(/\s{2,}/)
  expect(cells(lines[0]!)).toEqual([
    ...['layer', 'in', 'weights*', 'activations*', 'alone', 'cosine', 'accuracy'],
    ...['without it', 'weights only', 'activations only', 'ms'],
  ])
  expect(cells(lines[2]!)).toEqual([
    'q and 2 more',
    'float32',
    '30.0',
    '28.5',
    '20.1',
    '0.99500',
    '0.9700',
    '40.0',
    '24.0',
    '22.4',
    '-0.250',
  ])
  expect(cells(lines[3]!)).toEqual(['q', '26.0', '0.99900'])
  expect(cells(lines[4]!)).toEqual(['k'])
  expect(cells(lines[5]!)).toEqual(['conv', 'int8', '45.0', 'equal', '1.00000', '0.000'])
  expect(lines[6]).toContain('All of them in low precision: 19.5 dB. In float the accuracy is 0.9900.')
  expect(lines[7]).toMatch(/not run for 1 of the 2 layers: their time was over/)
})
