import { expect, it } from 'vitest'
import type { Node } from '../../../core/ir/value.ts'
import { placesOf } from '../../../core/structure/places.ts'
import { modelOf } from '../../support/graph.ts'

it('what is picked before the last layer lies where it is read, with the conversions around it', () => {
  const { graph } = modelOf(`opset 21
    (x: float32[4, 8]) -> (t)
    a = MatMul(x, float32[8, 8])
    g = Gather(a, int64[1] {0})
    q = QuantizeLinear(g, float32 0.1, uint8 0)
    d = DequantizeLinear(q, float32 0.1, uint8 0)
    c = MatMul(d, float32[8, 8])
    t = Tanh(c)`)
  const node = (result: string) => graph.find(result)?.producer as Node
  graph.renameNode(node('a'), '/m/layer.1/a/MatMul')
  graph.renameNode(node('c'), '/m/layer.1/c/MatMul')
  graph.renameNode(node('t'), '/m/pooler/act/Tanh')
  const made = ['g', 'q', 'd'].map(node)
  const opened = new Map(graph.nodes.filter((each) => !made.includes(each)).map((each) => [each.id, each]))
  // The pooler was what picked.
  const places = placesOf(graph.nodes, new Map(made.map((each) => [each, [node('t')]])), opened)
  expect(made.map((each) => places.get(each)?.join('/'))).toEqual(Array(3).fill('m/layer.1/c'))
})
