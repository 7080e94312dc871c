import { expect, it } from 'vitest'
import { Notes } from '../../../core/quantize/notes.ts'
import { modelOf } from '../../support/graph.ts'

const nodes = modelOf(`(x: float32[4]) -> (y: float32[4])
  a = Relu(x)
  b = Relu(a)
  c = Relu(b)
  d = Relu(c)
  y = Relu(d)`).graph.nodes

const left = (count: number) => {
  const notes = new Notes()
  for (const node of nodes.slice(0, count)) notes.left(node, 'its weights are float16')
  return notes.sentences()
}

it('one node, several and many that stay in float read as people write', () => {
  expect(left(1)).toEqual(['1 node stays in float because its weights are float16: #0.'])
  expect(left(2)).toEqual(['2 nodes stay in float, each because its weights are float16: #0, #1.'])
  expect(left(5)).toEqual(['5 nodes stay in float, each because its weights are float16: #0, #1, #2 and 2 more.'])
})

it('one pair that saturates, and thousands', () => {
  const told = (now: number, full: number) => {
    const notes = new Notes()
    notes.saturation([{ now, full }])
    return notes.sentences()[0]
  }
  expect(told(1, 1)).toMatch(/^1 pair of weights can saturate/)
  expect(told(0, 1234)).toMatch(/^1,234 pairs of weights would saturate/)
})
