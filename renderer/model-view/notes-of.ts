import type { Inspection } from '../../core/api/inspection.ts'
import type { Mark, RowRect } from './findings.ts'
import { type GraphIndex, moduleOf } from './graph-index.ts'
import type { Rect } from './scene.ts'

/** What is said in the margin, tied to its place by a line. */
export interface MarginNote {
  readonly id: string
  readonly kind: 'sensitive' | 'near-miss'
  readonly title: string
  readonly text: string
  readonly at: Rect
  /** The node that a click goes to. */
  readonly node: string
  /** References of the nodes that it is about. */
  readonly refs: readonly string[]
}

interface Given {
  readonly index: GraphIndex
  readonly rows: ReadonlyMap<string, RowRect>
  readonly near: readonly Mark[]
  readonly inspection: Pick<Inspection, 'sensitive'>
}

/** Sensitive units and near-misses that stand open in a drawing. */
export const notesOf = (given: Given): MarginNote[] => [...sensitiveNotes(given), ...nearMissNotes(given)]

/** A unit is spoken of where all of it stands open. What has two reasons is told the last one, as in the inspector. */
function sensitiveNotes({ index, rows, inspection }: Given): MarginNote[] {
  const byRef = new Map([...index.nodes.values()].map((node) => [node.ref, node]))
  const units = new Map(inspection.sensitive.map((unit) => [unit.nodes[0] ?? '', unit]))
  return [...units.values()].flatMap(({ nodes: refs, reason }): MarginNote[] => {
    const nodes = refs.flatMap((ref) => byRef.get(ref) ?? [])
    const rects = nodes.flatMap(({ id }) => rows.get(id) ?? [])
    if (rects.length === 0 || rects.length < refs.length) return []
    const names = nodes.map((node) => moduleOf(node) || node.opType)
    const title = nodes.length > 1 ? `${names.join(', ')}: sensitive as one unit` : `${names[0]} is sensitive`
    const at = rects.reduce((right, rect) => (rect.x + rect.width > right.x + right.width ? rect : right))
    return [{ id: `sensitive:${refs.join('|')}`, kind: 'sensitive', title, text: reason, at, node: nodes[0]!.id, refs }]
  })
}

function nearMissNotes({ index, near }: Given): MarginNote[] {
  const idOf = new Map([...index.nodes.values()].map(({ ref, id }) => [ref, id]))
  const said = new Set<string>()
  return near.flatMap((mark): MarginNote[] => {
    const { title, text, id } = mark
    if (said.has(`${title}|${text}`)) return []
    said.add(`${title}|${text}`)
    const ref = id.slice(id.indexOf(':', 'near:'.length) + 1)
    return [{ id, kind: 'near-miss', title, text, at: mark, node: idOf.get(ref) ?? '', refs: [ref] }]
  })
}
