import type { Edge, Node } from '@xyflow/react'
import type { Mark } from './findings.ts'
import type { Box, Rect, Wire } from './scene.ts'

export type BoxNode = Node<{ readonly box: Box }, 'stack' | 'closed' | 'open' | 'label' | 'border'>
export type MarkNode = Node<{ readonly mark: Mark }, 'mark'>
export type GroundNode = Node<Record<string, never>, 'ground'>
export type SceneNode = BoxNode | MarkNode | GroundNode
export type WireEdge = Edge<{ readonly wire: Wire }, 'wire'>

const groundId = '·'

/**
 * All wires hang on one ground node and bring their own routes, so that a wire may run on where its boxes are out of the window,
 * and boxes need no handles.
 */
const ground: GroundNode = {
  id: groundId,
  type: 'ground',
  position: { x: 0, y: 0 },
  data: {},
  width: 1,
  height: 1,
  measured: { width: 1, height: 1 },
}

/** Open groups below wires, wires below everything else. */
const levels = { wire: 50, box: 60, mark: 55 }

/** The same box is the same node in every window: React Flow leaves alone what it knows, so that a new window costs only what is new in it. */
const known = { boxes: new WeakMap<Box, BoxNode>(), marks: new WeakMap<Mark, MarkNode>(), wires: new WeakMap<Wire, WireEdge>() }

function once<From extends object, To>(memo: WeakMap<From, To>, from: From, make: (from: From) => To): To {
  const old = memo.get(from)
  if (old) return old
  const made = make(from)
  memo.set(from, made)
  return made
}

export const nodesOf = (boxes: readonly Box[], marks: readonly Mark[]): SceneNode[] => [
  ground,
  ...boxes.map((box) => once(known.boxes, box, nodeOfBox)),
  ...marks.map((mark) => once(known.marks, mark, nodeOfMark)),
]

const nodeOfBox = (box: Box): BoxNode => ({
  id: box.id,
  // React Flow has a look of its own for the type 'group'.
  type: box.kind === 'group' ? 'closed' : box.kind,
  ...placed(box),
  data: { box },
  zIndex: box.kind === 'open' ? box.depth : levels.box,
})

const nodeOfMark = (mark: Mark): MarkNode => ({
  id: mark.id,
  type: 'mark',
  ...placed(mark),
  data: { mark },
  zIndex: mark.part ? levels.box + 1 : mark.kind === 'fusable' ? levels.mark - 15 : levels.mark,
})

/** Sizes are known, and boxes have no handles: React Flow need not look for either. */
const placed = ({ x, y, width, height }: Rect) => ({ position: { x, y }, width, height, measured: { width, height }, handles: [] })

export const edgesOf = (wires: readonly Wire[]): WireEdge[] => wires.map((wire) => once(known.wires, wire, edgeOf))

const edgeOf = (wire: Wire): WireEdge => ({
  id: wire.id,
  type: 'wire',
  source: groundId,
  target: groundId,
  data: { wire },
  zIndex: levels.wire,
})
