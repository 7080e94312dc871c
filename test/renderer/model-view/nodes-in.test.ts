import { expect, it } from 'vitest'
import { buildScene } from '../../../renderer/model-view/build-scene.ts'
import { indexOf } from '../../../renderer/model-view/graph-index.ts'
import { between, nodesIn } from '../../../renderer/model-view/nodes-in.ts'
import { measures } from '../../../renderer/model-view/scene.ts'
import { sceneIndex } from '../../../renderer/model-view/spatial.ts'
import { bertView } from '../bert-view.ts'

const index = indexOf(bertView(4))
const opened = buildScene(index, new Set(index.groups.keys()))

it('takes the rows that a rectangle touches, and no others of their box', () => {
  const stack = opened.boxes.find((box) => box.kind === 'stack' && box.rows.length > 2)!
  const rows = stack.kind === 'stack' ? stack.rows.map(({ node }) => node) : []
  const middle = { x: stack.x + 4, y: stack.y + measures.row + 2, width: 6, height: 4 }
  expect(nodesIn(middle, sceneIndex(opened), index)).toEqual([rows[1]])
  const two = { ...middle, height: measures.row }
  expect(nodesIn(two, sceneIndex(opened), index)).toEqual(rows.slice(1, 3))
})

it('takes all that stands in a closed group, and in all groups of a pile', () => {
  const closed = buildScene(index, new Set())
  const everything = { x: 0, y: 0, width: closed.width, height: closed.height }
  expect(closed.boxes.some((box) => box.kind === 'group')).toBe(true)
  expect(new Set(nodesIn(everything, sceneIndex(closed), index))).toEqual(new Set(index.nodes.keys()))
})

it('is the same rectangle whichever corner one begins at', () => {
  const [a, b] = [
    { x: 5, y: 1 },
    { x: 2, y: 9 },
  ]
  expect(between(a, b)).toEqual({ x: 2, y: 1, width: 3, height: 8 })
  expect(between(b, a)).toEqual(between(a, b))
})
