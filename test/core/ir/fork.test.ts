import { describe, expect, it } from 'vitest'
import { Graph } from '../../../core/ir/graph.ts'
import { Model } from '../../../core/ir/model.ts'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import type { ValueType } from '../../../core/ir/value.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { allNodes, outerReads } from '../../../core/ir/walk.ts'

const vector: ValueType = { kind: 'tensor', dtype: 'float32', shape: ['n'] }

/** A Loop whose body holds an If whose branch reads the main graph's weight and the loop's state. */
function nested(): Model {
  const model = new Model({ producerName: 'maker' })
  const { graph } = model
  const x = graph.addInput('x', vector)
  const limit = graph.addInput('limit', { kind: 'tensor', dtype: 'int64', shape: [] })
  graph.addInitializer('limit', float32Tensor([], [1]))
  const w = graph.addInitializer('w', float32Tensor([1], [2]))
  const body = new Graph(model, graph)
  body.path = '0/body/'
  const state = body.addInput('state', vector)
  const branch = new Graph(model, body)
  branch.path = '0/body/0/then_branch/'
  branch.addOutput(branch.addNode({ id: '0/body/0/then_branch/0', opType: 'Mul', inputs: [state, w], outputs: ['product'] }).outputs[0]!)
  const choice = body.addNode({
    id: '0/body/0',
    opType: 'If',
    inputs: [state],
    outputs: ['next'],
    attributes: { then_branch: { type: 'graph', value: branch } },
  })
  body.addOutput(choice.outputs[0]!)
  const loop = graph.addNode({
    id: '0',
    opType: 'Loop',
    name: 'loop',
    inputs: [limit, null, x],
    outputs: ['', 'y'],
    attributes: { body: { type: 'graph', value: body }, depth: { type: 'int', value: 3 } },
    metadata: new Map([['origin', 'test']]),
    unknown: Uint8Array.of(1, 2),
  })
  graph.setUnknown(x, Uint8Array.of(9))
  graph.addOutput(loop.outputs[1]!)
  return model.markOpened()
}

const shape = (model: Model) =>
  [...allNodes(model.graph)].map((node) => ({
    id: node.id,
    op: node.opType,
    inputs: node.inputs.map((value) => value && [value.id, value.name]),
    outputs: node.outputs.map((value) => [value.id, value.name, value.type]),
    origins: [...node.origins],
    metadata: [...node.metadata],
    unknown: node.unknown,
    owner: node.graph.owner?.id,
    path: node.graph.path,
  }))

describe('a fork', () => {
  it('is the same in everything but identity', () => {
    const model = nested()
    const fork = model.fork()
    expect(shape(fork)).toEqual(shape(model))
    expect(verifyModel(fork)).toEqual([])
    expect(fork.graph.inputs.map(({ name, initializer, constant, unknown }) => [name, initializer !== null, constant, unknown])).toEqual([
      ['x', false, null, Uint8Array.of(9)],
      ['limit', true, null, undefined],
    ])
    expect(fork.header).toEqual(model.header)
    for (const node of allNodes(fork.graph)) expect(node.graph.model).toBe(fork)
  })

  it('shares tensors and nothing else: changes do not come back', () => {
    const model = nested()
    const before = shape(model)
    const fork = model.fork()
    expect(fork.graph.find('w')!.constant).toBe(model.graph.find('w')!.constant)
    const [loop] = fork.graph.nodes
    fork.graph.replaceUses(loop!.outputs[1]!, fork.graph.find('x')!)
    fork.graph.removeNode(loop!)
    expect(verifyModel(fork)).toEqual([])
    expect(shape(model)).toEqual(before)
    expect(model.graph.find('w')!.uses).toHaveLength(1)
    expect(fork.graph.find('w')!.uses).toHaveLength(0)
  })

  it('of a frozen version can be changed', () => {
    const fork = nested().freeze().fork()
    expect(fork.graph.addNode({ opType: 'Neg', inputs: [fork.graph.find('x')] }).id).toBe('+1')
  })

  it('goes on with ids and lineage where its version stood', () => {
    const model = nested()
    const first = model.fork()
    const added = first.lineage.during('rule', 'because', () => first.graph.addNode({ opType: 'Neg', inputs: [first.graph.find('x')] }))
    const second = first.fork()
    expect(second.lineage.changes).toEqual([{ rule: 'rule', reason: 'because', removed: [], added: [added.id] }])
    expect(second.freshId()).not.toBe(added.id)
    expect(model.lineage.changes).toEqual([])
  })

  it('sees through two graphs what a node reads from outside', () => {
    const [loop] = nested().fork().graph.nodes
    expect(outerReads(loop!).map(({ name }) => name)).toEqual(['w'])
  })
})
