import { expect, it } from 'vitest'
import { indexOf } from '../../../renderer/model-view/graph-index.ts'
import { twinsOf } from '../../../renderer/model-view/twins.ts'
import { bertView } from '../bert-view.ts'

const index = indexOf(bertView(3))

it('finds the node at the same place in every identical layer', () => {
  const query = [...index.nodes.values()].find(({ role, opType }) => role === 'query' && opType === 'MatMul')!
  const twins = twinsOf(index, query.id)
  expect(twins).toHaveLength(3)
  expect(twins).toContain(query.ref)
  for (const ref of twins)
    expect([...index.nodes.values()].find((node) => node.ref === ref)).toMatchObject({ role: 'query', opType: 'MatMul' })
})
it('leaves a node without twins alone', () => {
  const tanh = [...index.nodes.values()].find(({ opType }) => opType === 'Tanh')!
  expect(twinsOf(index, tanh.id)).toEqual([tanh.ref])
})
