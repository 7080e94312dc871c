import { expect, it } from 'vitest'
import { buildScene } from '../../../renderer/model-view/build-scene.ts'
import { indexOf } from '../../../renderer/model-view/graph-index.ts'
import { mostEdges, mostNodes, overlaps, sceneIndex, windowOf } from '../../../renderer/model-view/spatial.ts'
import { bertView } from '../bert-view.ts'

const index = indexOf(bertView(60))
const scene = buildScene(index, new Set(index.groups.keys()))
const found = sceneIndex(scene)

it('finds exactly what lies in a rectangle', () => {
  const rect = { x: 100, y: 2000, width: 600, height: 500 }
  const expected = scene.boxes.filter((box) => overlaps(box, rect))
  expect(expected.length).toBeGreaterThan(3)
  expect(windowOf(found, rect).boxes).toEqual(expected)
})

it('never gives React Flow more than it can pan', () => {
  const { boxes, wires } = windowOf(found, { x: 0, y: 0, width: scene.width, height: scene.height })
  expect(scene.boxes.length).toBeGreaterThan(mostNodes)
  expect(boxes.length).toBeLessThan(mostNodes)
  expect(wires.length).toBeLessThanOrEqual(mostEdges)
})
