import { describe, expect, it } from 'vitest'
import type { Graph } from '../../../core/ir/graph.ts'
import type { Model } from '../../../core/ir/model.ts'
import type { Node, Value } from '../../../core/ir/value.ts'
import { keptNodes } from '../../../core/quantize/keep.ts'
import { modelOf } from '../../support/graph.ts'

/** Two products of one model; the second was replaced since by a node of another name. */
function fused(): { model: Model; first: Node; made: Node } {
  const { graph } = modelOf(`
    (x: float32[2, 4]) -> (y: float32[2, 4])
    h = MatMul(x, float32[4, 4])
    y = MatMul(h, float32[4, 4])
  `)
  const model = graph.model as Model
  const [first, second] = graph.nodes as [Node, Node]
  ;(graph as Graph).renameNode(first, '/block/query/MatMul')
  ;(graph as Graph).renameNode(second, '/block/key/MatMul')
  const references = new Map([first, second].map((node) => [node.id, node.name]))
  model.markOpened({ path: null, files: [], references, nodes: 2, nodesDeep: 2 })
  const inputs = [...second.inputs, first.outputs[0] as Value]
  const made = graph.addNode({ opType: 'Gemm', name: '/block/Gemm', inputs, origins: second.origins })
  graph.replaceUses(second.outputs[0] as Value, made.outputs[0] as Value)
  graph.removeNode(second)
  return { model, first, made }
}

describe('nodes to keep', () => {
  it('are named by their references, or by a scope', () => {
    const { model, first, made } = fused()
    expect([...keptNodes(model, ['/block/query/MatMul'])]).toEqual([first])
    expect([...keptNodes(model, ['/block'])]).toEqual([first, made])
  })

  it('may be named as the opened model names what they stem from', () => {
    const { model, made } = fused()
    expect([...keptNodes(model, ['/block/key/MatMul'])]).toEqual([made])
    expect([...keptNodes(model, ['/block/key'])]).toEqual([made])
    expect([...keptNodes(model, ['#1'])]).toEqual([made])
  })

  it('are refused where a name means nothing', () => {
    expect(() => keptNodes(fused().model, ['/block/value'])).toThrow(/no node or scope/)
  })
})
