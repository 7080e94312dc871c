import { expect, it } from 'vitest'
import { card, placeCards } from '../../../renderer/pipeline-view/place-cards.ts'
import { branchFrom, wired } from '../../../renderer/stores/pipeline-edit.ts'

const stage = (id: string) => ({ id, pass: id, options: {} })
const chain = wired({ lathe: 1, name: 'test', target: 'ort', stages: ['tidy', 'fuse', 'int8'].map(stage) })
const at = (placed: ReturnType<typeof placeCards>, id: string) => placed.cards.find((one) => one.id === id)!

it('places a chain in one row, from left to right', () => {
  const placed = placeCards(chain)
  expect(new Set(placed.cards.map(({ y }) => y)).size).toBe(1)
  expect(at(placed, 'tidy').x).toBeLessThan(at(placed, 'fuse').x)
  expect(placed.leaves.map(({ id }) => id)).toEqual(['int8'])
})
it('gives every branch a row, and the stage before stands between them', () => {
  const placed = placeCards(branchFrom(chain, stage('fp16'), 'fuse'))
  expect(at(placed, 'fp16').y - at(placed, 'int8').y).toBe(card.height + card.gapY)
  expect(at(placed, 'fuse').y).toBe((at(placed, 'fp16').y + at(placed, 'int8').y) / 2)
})
