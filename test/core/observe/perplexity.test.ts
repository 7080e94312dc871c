import { expect, it } from 'vitest'
import { perplexity } from '../../../core/observe/perplexity.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

const [samples, length, words] = [2, 4, 5]
const logits = randomTensor([samples, length, words], 1)
const tokens = [0, 1, 2, 3, 4, 0, 2, 2]

const loss = (position: number, label: number) => {
  const row = [...floatsIn(logits)].slice(position * words, (position + 1) * words)
  return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - (row[label] as number)
}
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

it('judges every position by the next token when it must shift', () => {
  const result = reduced(perplexity, { shift: true }, [[logits, tensorData('int64', [samples, length], tokens)]])
  const losses = [0, 1, 2, 4, 5, 6].map((position) => loss(position, tokens[position + 1] as number))
  expect(result.tokens).toBe(6)
  expect(result.crossEntropy).toBeCloseTo(sum(losses) / 6, 10)
  expect(result.perplexity).toBeCloseTo(Math.exp(sum(losses) / 6), 9)
  expect(result.loss[1]).toBeCloseTo(sum(losses.slice(3)), 10)
  expect([...result.counts]).toEqual([3, 3])
})

it('leaves out ignored labels and masked positions', () => {
  const labels = tensorData('int64', [samples, length], [0, -100, 2, 3, 4, 0, 2, 2])
  const mask = tensorData('int64', [samples, length], [1, 1, 1, 0, 1, 1, 1, 1])
  const result = reduced(perplexity, {}, [[logits, labels, mask]])
  expect([...result.counts]).toEqual([2, 4])
  expect(result.loss[0]).toBeCloseTo(loss(0, 0) + loss(2, 2), 10)
})

it('takes labels of one axis for one token a sample', () => {
  const scores = randomTensor([3, words], 2)
  const { counts, loss: losses } = reduced(perplexity, {}, [[scores, tensorData('int64', [3], [0, 1, 2])]])
  expect([...counts]).toEqual([1, 1, 1])
  expect(losses).toHaveLength(3)
})
