import { describe, expect, it } from 'vitest'
import { GraphNode, GraphValue } from '../../../core/ir/elements.ts'
import { Graph } from '../../../core/ir/graph.ts'
import { Model } from '../../../core/ir/model.ts'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import { memoryBlob, tensorAt } from '../../../core/ir/tensor.ts'
import { verifyModel } from '../../../core/ir/verify.ts'

function chain() {
  const model = new Model()
  const { graph } = model
  const x = graph.addInput('x', { kind: 'tensor', dtype: 'float32', shape: [1] })
  const neg = graph.addNode({ opType: 'Neg', name: 'neg', inputs: [x], outputs: ['h'] })
  const exp = graph.addNode({ opType: 'Exp', name: 'exp', inputs: [neg.outputs[0]!], outputs: ['y'] })
  graph.addOutput(exp.outputs[0]!)
  return { model, graph, x, neg: neg as GraphNode, exp: exp as GraphNode }
}

/** A subgraph of an If in `graph`, holding one node that reads `value` of it. */
function branchReading(graph: Graph, value: Parameters<Graph['addOutput']>[0] | null, name = 'inner') {
  const branch = new Graph(graph.model, graph)
  branch.addOutput(branch.addNode({ opType: 'Identity', name: 'pick', inputs: [value], outputs: [name] }).outputs[0]!)
  const condition = graph.addInput(graph.model.freshName('condition'), null)
  graph.addNode({ opType: 'If', name: 'if', inputs: [condition], attributes: { then_branch: { type: 'graph', value: branch } } })
  return branch
}

const codes = (model: Model) => verifyModel(model).map(({ code, where }) => [code, where.node ?? where.tensor])

describe('a sound model', () => {
  it('has no faults, with subgraphs and values that they capture', () => {
    const { model, graph, neg } = chain()
    branchReading(graph, neg.outputs[0]!)
    expect(verifyModel(model)).toEqual([])
  })
})

describe('faults', () => {
  it('a circle', () => {
    const { model, graph, neg, exp } = chain()
    graph.setInput(neg, 0, exp.outputs[0]!)
    expect(codes(model)).toEqual([['cycle', 'neg']])
  })

  it('a value that is read but is in no graph', () => {
    const { model, graph, exp } = chain()
    const stray = new GraphValue(graph, 'stray', 'stray')
    graph.setInput(exp, 0, stray)
    expect(codes(model)).toContainEqual(['dangling-read', 'exp'])
  })

  it('a reader that the use list has forgotten, and one that it invents', () => {
    const { model, neg, exp } = chain()
    const value = neg.outputs[0] as GraphValue
    const [use] = value.uses
    value.dropUse(use!)
    expect(codes(model)).toEqual([['stale-use', 'h']])
    value.addUse(use!)
    value.addUse({ node: exp, index: 3 })
    expect(codes(model)).toEqual([['stale-use', 'exp']])
  })

  it('a removed node that still counts as a reader', () => {
    const { model, graph, x } = chain()
    const ghost = new GraphNode(graph, 'ghost', '', 'Neg')
    ghost.connect(0, x as GraphValue)
    expect(codes(model)).toEqual([['stale-use', '#ghost']])
  })

  it('an operator set that is not imported', () => {
    const { model, graph, x } = chain()
    graph.addNode({ opType: 'Gelu', domain: 'com.microsoft', name: 'gelu', inputs: [x] })
    expect(codes(model)).toEqual([['missing-opset', 'gelu']])
    model.opsets.set('com.microsoft', 1)
    expect(codes(model)).toEqual([])
  })

  it('a subgraph that reads a sibling graph', () => {
    const { model, graph, x } = chain()
    const first = branchReading(graph, x, 'first')
    branchReading(graph, first.nodes[0]!.outputs[0]!, 'second')
    expect(codes(model)).toContainEqual(['illegal-capture', 'pick'])
  })

  it('a subgraph that hides a name around it', () => {
    const { model, graph, x } = chain()
    branchReading(graph, x, 'y')
    expect(codes(model)).toEqual([['hidden-name', 'y']])
  })

  it('a subgraph under the wrong owner', () => {
    const { model, graph, x, neg } = chain()
    branchReading(graph, x).owner = neg
    expect(codes(model)).toContainEqual(['stray-subgraph', 'if'])
  })

  it('bytes that do not fit', () => {
    const { model, graph, exp } = chain()
    const short = tensorAt(memoryBlob(new Uint8Array(4)), { offset: 0, length: 4, dtype: 'float32', dims: [2] })
    graph.setInput(exp, 0, graph.addInitializer('short', short))
    expect(codes(model)).toEqual([['tensor-length', 'short']])
  })

  it('an output that nothing computes', () => {
    const { model, graph, exp } = chain()
    const output = exp.outputs[0] as GraphValue
    output.isOutput = false
    graph.removeNode(exp)
    output.isOutput = true
    expect(codes(model)).toEqual([['undefined-output', 'y']])
  })

  it('a value that thinks it is an output', () => {
    const { model, neg } = chain()
    ;(neg.outputs[0] as GraphValue).isOutput = true
    expect(codes(model)).toEqual([['stale-output', 'h']])
  })

  it('a value without a source', () => {
    const { model, graph, exp } = chain()
    const value = graph.addInitializer('w', float32Tensor([1], [1])) as GraphValue
    graph.setInput(exp, 0, value)
    value.initializer = null
    expect(codes(model)).toEqual([['no-source', 'w']])
  })
})
