import { describe, expect, it } from 'vitest'
import type { GraphView, NodeView } from '../../../core/api/graph-view.ts'
import { buildScene } from '../../../renderer/model-view/build-scene.ts'
import { helpersByRow, indexOf, pathTo, shownAs } from '../../../renderer/model-view/graph-index.ts'

const nodeOf = (id: string, opType: string, inputs: readonly string[], path: readonly string[] = []): NodeView => ({
  id,
  ref: id,
  opType,
  domain: '',
  name: id,
  path: [...path],
  layer: null,
  role: null,
  inputs: [...inputs],
  outputs: [`${id}.out`],
  detail: '',
  weightBytes: 0,
  origins: [id],
  subgraphs: [],
})

function viewOf(nodes: readonly NodeView[], outputs: readonly string[]): GraphView {
  const names = nodes.flatMap(({ inputs }) => inputs)
  return {
    version: 'test',
    graph: '',
    nodes: [...nodes],
    groups: [],
    inputs: [{ name: 'x', type: 'float32[1]' }],
    outputs: outputs.map((name) => ({ name, type: 'float32[1]' })),
    values: Object.fromEntries(names.map((name) => [name, { type: 'float32[1]', constant: name.startsWith('w') }])),
  }
}

/** Convolutions one after the other, the 8-bit weight of each dequantized beside it, as quantizers write them. */
function quantized(layers: number): GraphView {
  const nodes: NodeView[] = []
  let value = 'x'
  for (let at = 0; at < layers; at++) {
    nodes.push(nodeOf(`same${at}`, 'Identity', [`w${at}`]), nodeOf(`weight${at}`, 'DequantizeLinear', [`same${at}.out`, 'w.scale']))
    nodes.push(nodeOf(`conv${at}`, 'Conv', [value, `weight${at}.out`]))
    value = `conv${at}.out`
  }
  return viewOf(nodes, [value])
}

describe('nodes that only prepare a constant', () => {
  it('stand in the row of their reader, so that a chain is drawn as a chain', () => {
    const index = indexOf(quantized(30))
    const { boxes, wires } = buildScene(index, new Set())
    const rows = boxes.flatMap((box) => (box.kind === 'stack' ? box.rows.map(({ node }) => node) : []))
    expect(rows).toHaveLength(30)
    expect(rows.every((id) => id.startsWith('conv'))).toBe(true)
    expect(new Set(boxes.map(({ x, width }) => x + width / 2)).size).toBe(1)
    expect(wires.some(({ value }) => value.startsWith('weight'))).toBe(false)
    expect(shownAs(index, 'weight7')).toBe('conv7')
    expect(shownAs(index, 'same7')).toBe('conv7')
    expect(
      helpersByRow(index)
        .get('conv7')!
        .map(({ id }) => id),
    ).toEqual(['same7', 'weight7'])
  })

  it('are still found by a search, and lead to where their reader stands', () => {
    const view = quantized(3)
    const grouped = { ...view, groups: [{ id: 'g', name: 'g', parent: null, role: null, shape: 'g' }] }
    grouped.nodes = [
      ...view.nodes.map((node) => ({ ...node, path: ['g'] })),
      nodeOf('end', 'Relu', ['conv2.out']),
      nodeOf('end2', 'Relu', ['x']),
    ]
    const index = indexOf(grouped)
    expect(index.nodes.has('weight0')).toBe(true)
    expect(pathTo(index, 'weight0')).toEqual(['g'])
  })

  it('are drawn where they do more: an output of the graph, a value read at run time, an operator that computes', () => {
    const nodes = [
      nodeOf('given', 'Identity', ['w0']),
      nodeOf('moving', 'Transpose', ['x']),
      nodeOf('sum', 'Add', ['w1', 'w2']),
      nodeOf('idle', 'Identity', ['w3']),
      nodeOf('all', 'Concat', ['moving.out', 'sum.out']),
    ]
    expect(indexOf(viewOf(nodes, ['given.out', 'all.out'])).helpers.size).toBe(0)
  })
})
