import type { Edge, Node } from '@xyflow/react'
import type { Mark } from './findings.ts'
import type { Box, Wire } from './scene.ts'

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

export function nodesOf(boxes: readonly Box[], marks: readonly Mark[]): SceneNode[] {
  return [
    ground,
    ...boxes.map(
      (box): BoxNode => ({
        id: box.id,
        // React Flow has a look of its own for the type 'group'.
        type: box.kind === 'group' ? 'closed' : box.kind,
        position: { x: box.x, y: box.y },
        data: { box },
        width: box.width,
        height: box.height,
        measured: { width: box.width, height: box.height },
        zIndex: box.kind === 'open' ? box.depth : levels.box,
      }),
    ),
    ...marks.map(
      (mark): MarkNode => ({
        id: mark.id,
        type: 'mark',
        position: { x: mark.x, y: mark.y },
        data: { mark },
        width: mark.width,
        height: mark.height,
        measured: { width: mark.width, height: mark.height },
        zIndex: mark.part ? levels.box + 1 : mark.kind === 'fusable' ? levels.mark - 15 : levels.mark,
      }),
    ),
  ]
}

export const edgesOf = (wires: readonly Wire[]): WireEdge[] =>
  wires.map((wire) => ({ id: wire.id, type: 'wire', source: groundId, target: groundId, data: { wire }, zIndex: levels.wire }))
