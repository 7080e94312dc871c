import { describe, expect, it } from 'vitest'
import { classification } from '../../../core/observe/classification.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

describe('classification', () => {
  it('judges each sample, and all of them, as a plain computation does', () => {
    const classes = 10
    const batches = [1, 2].map((seed) => ({
      logits: randomTensor([6, classes], seed),
      labels: tensorData('int64', [6], [0, 3, 3, 9, 1, seed]),
    }))
    const rows = batches.flatMap(({ logits }) => {
      const numbers = [...floatsIn(logits)]
      return Array.from({ length: 6 }, (_, row) => numbers.slice(row * classes, (row + 1) * classes))
    })
    const labels = [0, 3, 3, 9, 1, 1, 0, 3, 3, 9, 1, 2]
    const result = reduced(
      classification,
      {},
      batches.map(({ logits, labels: given }) => [logits, given]),
    )
    const order = rows.map((row) => row.map((_, k) => k).sort((a, b) => (row[b] as number) - (row[a] as number)))
    expect([...result.predicted]).toEqual(order.map(([first]) => first))
    expect([...result.correct]).toEqual(order.map(([first], i) => Number(first === labels[i])))
    expect([...result.correctTop5]).toEqual(order.map((ranked, i) => Number(ranked.slice(0, 5).includes(labels[i] as number))))
    expect([...result.labels]).toEqual(labels)
    const losses = rows.map((row, i) => {
      const sum = row.reduce((total, x) => total + Math.exp(x), 0)
      return -Math.log(Math.exp(row[labels[i] as number] as number) / sum)
    })
    losses.forEach((loss, i) => {
      expect(result.loss[i]).toBeCloseTo(loss, 9)
    })
    expect(result.crossEntropy).toBeCloseTo(losses.reduce((a, b) => a + b) / 12, 9)
    expect(result.accuracy).toBe(result.correct.reduce((a, b) => a + b, 0) / 12)
  })

  it('refuses labels that are no class', () => {
    const logits = tensorData('float32', [1, 2], [0, 1])
    expect(() => reduced(classification, {}, [[logits, tensorData('float32', [1], [0.5])]])).toThrow('label 0.5 is no whole number')
    expect(() => reduced(classification, {}, [[logits, tensorData('int64', [1], [2])]])).toThrow('label 2 is none of the 2 classes')
  })

  it('takes rows of NaN for no class at all', () => {
    const { NaN: nan } = Number
    const logits = tensorData('float32', [3, 2], [nan, nan, nan, nan, 0, nan])
    const found = reduced(classification, {}, [[logits, tensorData('int64', [3], [0, 1, 0])]])
    expect(found).toMatchObject({ undecided: 2, correct: Uint8Array.of(0, 0, 1), predicted: Int32Array.of(-1, -1, 0) })
  })

  it('computes F1 of the positive class with two classes, else the mean over classes', () => {
    const scores = (guesses: readonly number[], classes: number) =>
      tensorData(
        'float32',
        [guesses.length, classes],
        guesses.flatMap((guess) => Array.from({ length: classes }, (_, k) => Number(k === guess))),
      )
    const binary = reduced(classification, {}, [[scores([1, 1, 0, 0, 1], 2), tensorData('int32', [5], [1, 0, 1, 0, 1])]])
    // 2 hits, 1 false alarm, 1 miss.
    expect(binary.f1).toBeCloseTo((2 * 2) / (2 * 2 + 1 + 1), 12)
    const three = reduced(classification, {}, [[scores([0, 1, 2, 2], 3), tensorData('int32', [4], [0, 2, 2, 1])]])
    expect(three.f1).toBeCloseTo((1 + 0 + 0.5) / 3, 12)
  })

  it('never takes a NaN for the best', () => {
    const { correct, correctTop5 } = reduced(classification, {}, [
      [tensorData('float32', [1, 3], [Number.NaN, 1, 0]), tensorData('int64', [1], [0])],
    ])
    expect([correct[0], correctTop5[0]]).toEqual([0, 1])
  })

  it('refuses labels that do not fit', () => {
    expect(() => reduced(classification, {}, [[randomTensor([2, 3], 1), tensorData('int64', [3], [0, 1, 2])]])).toThrow('2 rows')
    expect(() => reduced(classification, {}, [[randomTensor([1, 3], 1), tensorData('int64', [1], [3])]])).toThrow('label 3')
  })
})
