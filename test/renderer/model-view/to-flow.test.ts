import { expect, it } from 'vitest'
import type { Box, Wire } from '../../../renderer/model-view/scene.ts'
import { edgesOf, nodesOf } from '../../../renderer/model-view/to-flow.ts'

const box = (id: string): Box => ({
  kind: 'border',
  id,
  depth: 0,
  x: 10,
  y: 20,
  width: 80,
  height: 20,
  text: id,
  side: 'input',
  value: id,
})
const wire = (id: string): Wire => ({ id, value: id, x: 0, y: 0, width: 1, height: 1, lines: [], dots: [] })

it('gives React Flow the very same objects for what stays in the window', () => {
  const [a, b, c] = [box('a'), box('b'), box('c')]
  const before = nodesOf([a, b], [])
  const after = nodesOf([b, c], [])
  expect(after.map(({ id }) => id).slice(1)).toEqual(['b', 'c'])
  expect(after[1]).toBe(before[2])
  const wires = [wire('v'), wire('w')]
  expect(edgesOf(wires.slice(1))[0]).toBe(edgesOf(wires)[1])
})

it('makes another node of a box that was drawn anew', () => {
  const [first] = nodesOf([box('a')], []).slice(1)
  const [second] = nodesOf([{ ...box('a'), x: 99 }], []).slice(1)
  expect(first?.position).toEqual({ x: 10, y: 20 })
  expect(second?.position).toEqual({ x: 99, y: 20 })
})
