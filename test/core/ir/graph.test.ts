import { beforeEach, describe, expect, it } from 'vitest'
import { Graph } from '../../../core/ir/graph.ts'
import { Model } from '../../../core/ir/model.ts'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import type { Node, Value, ValueType } from '../../../core/ir/value.ts'
import { verifyModel } from '../../../core/ir/verify.ts'

const vector: ValueType = { kind: 'tensor', dtype: 'float32', shape: [2] }

let model: Model
let graph: Graph
let x: Value
let w: Value
let add: Node
let relu: Node

/** x, w -> Add -> Relu -> y */
beforeEach(() => {
  model = new Model()
  graph = model.graph
  x = graph.addInput('x', vector)
  w = graph.addInitializer('w', float32Tensor([2], [1, 2]))
  add = graph.addNode({ opType: 'Add', inputs: [x, w], outputs: ['h'] })
  relu = graph.addNode({ opType: 'Relu', inputs: [add.outputs[0]!], outputs: ['y'] })
  graph.addOutput(relu.outputs[0]!)
  model.markOpened()
})

const sound = () => expect(verifyModel(model)).toEqual([])
const names = (values: readonly Value[]) => values.map(({ name }) => name)

/** An If on `x` whose branches read `outer` of the graph around them. */
function addIf(outer: Value): { node: Node; then: Graph } {
  const then = new Graph(model, graph)
  const branches = [then, new Graph(model, graph)]
  for (const branch of branches) {
    branch.addOutput(branch.addNode({ opType: 'Neg', inputs: [outer], outputs: [model.freshName('branch')] }).outputs[0]!)
  }
  const node = graph.addNode({
    opType: 'If',
    inputs: [x],
    outputs: ['picked'],
    attributes: { then_branch: { type: 'graph', value: then }, else_branch: { type: 'graph', value: branches[1]! } },
  })
  return { node, then }
}

describe('uses', () => {
  it('follow every change of an input', () => {
    expect(w.uses).toEqual([{ node: add, index: 1 }])
    graph.setInput(add, 1, x)
    expect(w.uses).toEqual([])
    expect(x.uses).toHaveLength(2)
    graph.truncateInputs(add, 1)
    expect(x.uses).toEqual([{ node: add, index: 0 }])
    sound()
  })

  it('count readers in subgraphs, and forget them when the holder goes', () => {
    const h = add.outputs[0]!
    const { node } = addIf(h)
    expect(h.uses).toHaveLength(3)
    sound()
    graph.removeNode(node)
    expect(h.uses).toEqual([{ node: relu, index: 0 }])
    sound()
  })

  it('forget readers in subgraphs that an attribute no longer holds', () => {
    const h = add.outputs[0]!
    const { node } = addIf(h)
    const kept = node.attributes.get('then_branch')!
    graph.setAttributes(node, { then_branch: kept })
    expect(h.uses).toHaveLength(2)
    sound()
  })
})

describe('order', () => {
  it('is topological whatever the order of making', () => {
    const before = graph.addNode({ opType: 'Neg', inputs: [x] })
    graph.setInput(add, 0, before.outputs[0]!)
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Neg', 'Add', 'Relu'])
  })

  it('counts what subgraphs read of the graph around them', () => {
    const { then } = addIf(x)
    const late = graph.addNode({ opType: 'Exp', inputs: [x] })
    expect(graph.nodes.at(-1)).toBe(late)
    then.setInput(then.nodes[0]!, 0, late.outputs[0]!)
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Add', 'Relu', 'Exp', 'If'])
    sound()
  })

  it('puts a new node in the place of the one it replaces', () => {
    const other = graph.addNode({ opType: 'Sigmoid', inputs: [x], outputs: ['z'] })
    const mul = graph.addNode({ opType: 'Mul', inputs: [x, w], at: add })
    graph.replaceUses(add.outputs[0]!, mul.outputs[0]!)
    graph.removeNode(add)
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Mul', 'Relu', 'Sigmoid'])
    expect(other.outputs[0]!.name).toBe('z')
  })

  it('refuses a circle by name', () => {
    graph.setInput(add, 0, relu.outputs[0]!)
    expect(() => graph.nodes).toThrow(/depends on its own output/)
  })
})

describe('replacing an output of the graph', () => {
  it('lets the new value take over its name', () => {
    const gelu = graph.addNode({ opType: 'Gelu', inputs: [add.outputs[0]!] })
    graph.replaceUses(relu.outputs[0]!, gelu.outputs[0]!)
    graph.removeNode(relu)
    expect(names(graph.outputs)).toEqual(['y'])
    expect(graph.outputs[0]!.producer).toBe(gelu)
    sound()
  })

  it.each([
    ['an input', () => x],
    ['a constant', () => w],
  ])('carries %s by an Identity', (_, value) => {
    graph.replaceUses(relu.outputs[0]!, value())
    graph.removeNode(relu)
    expect(names(graph.outputs)).toEqual(['y'])
    expect(graph.outputs[0]!.producer?.opType).toBe('Identity')
    expect([value().name, value().isOutput]).toEqual([value().name, false])
    sound()
  })

  it('carries a value that is an output already', () => {
    const h = add.outputs[0]!
    graph.addOutput(h)
    graph.replaceUses(relu.outputs[0]!, h)
    expect(names(graph.outputs)).toEqual(['y', 'h'])
    expect(graph.outputs[0]!.producer?.opType).toBe('Identity')
    sound()
  })

  it('replaces it in every place of the list', () => {
    graph.addOutput(relu.outputs[0]!)
    const gelu = graph.addNode({ opType: 'Gelu', inputs: [x] })
    graph.replaceUses(relu.outputs[0]!, gelu.outputs[0]!)
    expect(graph.outputs).toEqual([gelu.outputs[0], gelu.outputs[0]])
    sound()
  })

  it('works in a subgraph with a value from around it', () => {
    const { then } = addIf(add.outputs[0]!)
    const [old] = then.outputs
    then.replaceUses(old!, x)
    expect(then.outputs[0]!.producer?.opType).toBe('Identity')
    sound()
  })
})

describe('initializers and inputs', () => {
  it('an initializer that is also an input is only a default', () => {
    const value = graph.addInput('k', vector)
    graph.addInitializer('k', float32Tensor([2], [5, 6]))
    expect(value.initializer).not.toBeNull()
    expect(value.constant).toBeNull()
    expect(w.constant).not.toBeNull()
  })

  it('takes another tensor with its type', () => {
    graph.setInitializer(w, float32Tensor([1, 2], [1, 2]))
    expect(w.type).toEqual({ kind: 'tensor', dtype: 'float32', shape: [1, 2] })
  })

  it('goes only when nobody reads it', () => {
    expect(() => graph.removeValue(w)).toThrow(/still computed or read/)
    graph.setInput(add, 1, x)
    graph.removeValue(w)
    expect(names(graph.initializers)).toEqual([])
    sound()
  })
})

describe('names', () => {
  it('are fresh in all graphs of the model, also after a node is gone', () => {
    const { node } = addIf(x)
    graph.removeNode(node)
    expect(model.freshName('picked')).toBe('picked_1')
    expect(model.fork().freshName('picked')).toMatch(/^picked_\d$/)
    expect(model.freshName('new')).toBe('new')
  })

  it('are not given twice in a graph', () => {
    expect(() => graph.addInput('w', vector)).toThrow(/defined twice/)
    expect(() => graph.rename(w, 'h')).toThrow(/is taken/)
  })

  it('an output that was left out begins to exist when it is named', () => {
    const node = graph.addNode({ opType: 'Split', inputs: [x], outputs: ['first', ''] })
    graph.rename(node.outputs[1]!, 'second')
    expect(graph.find('second')).toBe(node.outputs[1])
    expect(node.outputs[1]!.id).toMatch(/^\+\d+$/)
    expect(() => graph.rename(node.outputs[1]!, '')).toThrow(/cannot lose its name/)
  })
})

describe('a frozen version', () => {
  it('refuses every change', () => {
    model.freeze()
    const changes = [
      () => graph.addNode({ opType: 'Neg', inputs: [x] }),
      () => graph.removeNode(relu),
      () => graph.setInput(add, 0, w),
      () => graph.addConstant('c', float32Tensor([], [1])),
      () => graph.setAttributes(add, {}),
      () => graph.replaceUses(w, x),
    ]
    for (const change of changes) expect(change).toThrow(/frozen/)
  })
})

describe('whether it is still the file', () => {
  it('a change of graph, header or operator sets says no, also in a fork; a fork alone does not', () => {
    expect([model.untouched, model.fork().untouched]).toEqual([true, true])
    const renamed = model.fork()
    renamed.graph.rename(renamed.graph.find('h')!, 'hidden')
    const raised = model.fork()
    raised.opsets.set('', 22)
    const other = model.fork()
    other.header = { ...other.header, producerName: 'someone' }
    expect([renamed, raised, other, renamed.fork()].map(({ untouched }) => untouched)).toEqual([false, false, false, false])
    expect(model.untouched).toBe(true)
  })
})
