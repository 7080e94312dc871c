import { expect, it } from 'vitest'
import type { Box, Scene } from '../../../renderer/model-view/scene.ts'
import { stepFrom, stopsOf } from '../../../renderer/model-view/steps.ts'

const stack = (id: string, x: number, y: number, rows: number): Box => ({
  kind: 'stack',
  id,
  depth: 0,
  ...{ x, y, width: 100, height: rows * 17, loops: [] },
  rows: Array.from({ length: rows }, (_, row) => ({
    ...{ node: `${id}${row}`, label: 'Add', hint: '', name: '', detail: '', subgraphs: [] },
    opClass: 'math' as const,
  })),
})
const scene: Scene = { width: 400, height: 400, boxes: [stack('a', 0, 0, 2), stack('b', 150, 0, 2), stack('c', 70, 100, 1)], wires: [] }
const stops = stopsOf(scene)
const from = (id: string, direction: 'up' | 'down' | 'left' | 'right') =>
  stepFrom(stops, stops.find((stop) => stop.id === id)!, direction)?.id ?? null

it('walks down a box row by row, and on to the box below', () => {
  expect(from('a0', 'down')).toBe('a1')
  expect(from('a1', 'down')).toBe('c0')
  expect(from('c0', 'up')).toBe('a1')
})

it('walks sideways in the same height, and stops at the edge', () => {
  expect(from('a0', 'right')).toBe('b0')
  expect(from('b1', 'left')).toBe('a1')
  expect(from('a0', 'up')).toBeNull()
  expect(from('b0', 'right')).toBeNull()
})
