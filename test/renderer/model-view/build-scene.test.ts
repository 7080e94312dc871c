import { describe, expect, it } from 'vitest'
import { buildScene } from '../../../renderer/model-view/build-scene.ts'
import { indexOf } from '../../../renderer/model-view/graph-index.ts'
import type { Box } from '../../../renderer/model-view/scene.ts'
import { stacksOf } from '../../../renderer/model-view/stacks.ts'
import { bertView } from '../bert-view.ts'

const index = indexOf(bertView(4))
const layer = (n: number) => `bert.encoder.layer.${n}`
const inside = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

describe('the drawing of a graph', () => {
  it('shows identical layers that follow each other as one pile', () => {
    const { boxes } = buildScene(index, new Set())
    const piles = boxes.filter((box) => box.kind === 'group' && box.members.length > 1)
    expect(piles).toHaveLength(1)
    expect(piles[0]).toMatchObject({ members: [layer(0), layer(1), layer(2), layer(3)] })
  })

  it('opens one layer of a pile and keeps the others piled around it', () => {
    const { boxes } = buildScene(index, new Set([layer(2)]))
    const groups = boxes.filter((box) => box.kind === 'group' && box.group.shape === 'encoder layer')
    expect(groups.map((box) => box.kind === 'group' && box.members)).toEqual([[layer(0), layer(1)], [layer(3)]])
    expect(boxes.some((box) => box.kind === 'open' && box.id === layer(2))).toBe(true)
  })

  it('keeps everything of an open group inside its box', () => {
    const open = new Set([layer(2), `${layer(2)}.attention`])
    const { boxes } = buildScene(index, open)
    const outer = boxes.find(({ id }) => id === layer(2))!
    const inner = boxes.filter(({ depth }) => depth > 0)
    expect(inner.length).toBeGreaterThan(8)
    for (const box of inner) expect(inside(box, outer), box.id).toBe(true)
  })

  it('draws the mask that all layers read as labels, not as lines', () => {
    const everything = new Set(index.groups.keys())
    const { boxes, wires } = buildScene(index, everything)
    const mask = [...index.buses]
    expect(mask).toHaveLength(1)
    expect(wires.filter(({ value }) => value === mask[0])).toEqual([])
    expect(boxes.filter((box) => box.kind === 'label' && box.side === 'in')).not.toHaveLength(0)
    expect(boxes.filter((box) => box.kind === 'label' && box.side === 'out')).toHaveLength(1)
  })

  it('joins lines at the border of an open group', () => {
    const { boxes, wires } = buildScene(index, new Set([layer(0)]))
    const box = boxes.find(({ id }) => id === layer(0))!
    const arriving = wires.flatMap(({ lines }) => lines).filter(({ points }) => points.at(-1)!.y === box.y)
    const starting = wires.flatMap(({ lines }) => lines).filter(({ points }) => points[0]!.y === box.y)
    expect(arriving).toHaveLength(1)
    expect(starting).toHaveLength(1)
    expect(starting[0]!.points[0]!.x).toBeCloseTo(arriving[0]!.points.at(-1)!.x, 0)
    expect(arriving[0]!.arrow).toBe(false)
  })

  it('draws every node once when everything is open', () => {
    const { boxes } = buildScene(index, new Set(index.groups.keys()))
    const rows = boxes.flatMap((box) => (box.kind === 'stack' ? box.rows.map(({ node }) => node) : []))
    expect(new Set(rows).size).toBe(rows.length)
    expect(rows).toHaveLength(index.nodes.size)
  })

  it('lays out a graph of ten thousand nodes, all groups open, in seconds, not minutes', () => {
    const big = indexOf(bertView(330))
    expect(big.nodes.size).toBeGreaterThan(10_000)
    const started = performance.now()
    buildScene(big, new Set(big.groups.keys()))
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})

describe('stacks', () => {
  const nodes = index.inside.get(layer(0))!
  const stacks = stacksOf(index, nodes).map((stack) => stack.map(({ opType }) => opType).join(' '))

  it('hold chains', () => {
    expect(stacks.filter((stack) => stack === 'MatMul Add Reshape Transpose')).toHaveLength(3)
    expect(stacks).toContain('MatMul Mul Add Softmax')
  })

  it('hold a detour that closes again, as in GELU', () => {
    expect(stacks.some((stack) => stack.includes('Add Div Erf Add Mul Mul'))).toBe(true)
  })
})
