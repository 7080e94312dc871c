import { expect, it } from 'vitest'
import { searchNodes } from '../../../renderer/model-view/search.ts'
import { bertView } from '../bert-view.ts'

const { nodes } = bertView(2)
const found = (text: string) => searchNodes(nodes, text).map((id) => nodes.find((node) => node.id === id)!.opType)

it('asks for every word', () => {
  expect(found('matmul query')).toEqual(['MatMul', 'MatMul'])
  expect(found('matmul nowhere')).toEqual([])
})
it('takes quotes as the whole name', () => {
  expect(found('"Softmax"')).toEqual(['Softmax', 'Softmax'])
  expect(found('"Softma"')).toEqual([])
})
it('takes slashes as a regular expression, and an unfinished one finds nothing', () => {
  expect(found('/^(Erf|Tanh)$/')).toEqual(['Erf', 'Erf', 'Tanh'])
  expect(found('/(/')).toEqual([])
})
