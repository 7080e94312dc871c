import type { Inspection } from '../../core/api/inspection.ts'
import { type GraphIndex, shownAs } from './graph-index.ts'
import { type MarginNote, notesOf } from './notes-of.ts'
import { unionOf } from './rects.ts'
import { ruleTitle } from './rule-title.ts'
import { measures, type Rect, type Scene } from './scene.ts'
import { overlaps, SpatialIndex } from './spatial.ts'

/** An outline around nodes: they can be fused, or nearly. */
export type Mark = Rect & {
  readonly id: string
  readonly kind: 'fusable' | 'near-miss'
  readonly title: string
  readonly text: string
  /** One of its kind in a drawing is spelled out. */
  readonly spelled: boolean
  /** One of several outlines of what does not stand together: drawn over its box, not behind it. */
  readonly part: boolean
}

export interface Findings {
  readonly marks: readonly Mark[]
  readonly notes: readonly MarginNote[]
  /** Node id -> why it is sensitive. */
  readonly sensitive: ReadonlyMap<string, string>
  readonly counts: { readonly fusable: number; readonly nearMisses: number; readonly sensitive: number }
}

export const noFindings: Findings = { marks: [], notes: [], sensitive: new Map(), counts: { fusable: 0, nearMisses: 0, sensitive: 0 } }

const around = 7

/** What the inspection found, laid over a drawing: only what stands open can be outlined. */
export function findingsIn(index: GraphIndex, scene: Scene, inspection: Inspection): Findings {
  const rows = rowRects(scene)
  const idOf = new Map([...index.nodes.values()].map(({ ref, id }) => [ref, shownAs(index, id)]))
  const regions = (refs: readonly string[]) =>
    regionsOf(
      refs.map((ref) => idOf.get(ref) ?? ''),
      rows,
    )
  const fusable = inspection.fusable.flatMap(({ rule, count, instances }) =>
    instances.flatMap(({ nodes }, position) => {
      const found = regions(nodes)
      return found.map((rect, part): Mark => {
        const texts = { title: titleOf(rule, count), text: gainOf(rule, nodes.length), spelled: false }
        return { ...rect, id: `fuse:${rule}:${position}:${part}`, kind: 'fusable', ...texts, part: found.length > 1 }
      })
    }),
  )
  const near = nearMissesOf(inspection).flatMap(({ rule, reason, at }) =>
    at.flatMap((ref) =>
      regions([ref]).map((rect): Mark => {
        const title = `Near-miss: ${titleOf(rule, at.length)}`
        return {
          ...rect,
          id: `near:${rule}:${ref}`,
          kind: 'near-miss',
          title,
          text: reason,
          spelled: false,
          part: false,
        }
      }),
    ),
  )
  const notes = notesOf({ index, rows, near, inspection })
  // Boxes, and the rows from which lines run to the notes in the margin.
  const solid = new SpatialIndex<Rect>([
    ...scene.boxes.filter(({ kind }) => kind !== 'open'),
    ...notes.map(({ at }) => ({ ...at, width: scene.width })),
  ])
  const found = sensitiveIn(index, inspection)
  return { marks: [...spelledOnce(fusable, solid), ...near], notes, ...found, counts: countsOf(inspection) }
}

/** What applying a rule at a place brings. */
function gainOf(rule: string, nodes: number): string {
  if (rule.startsWith('select-')) return 'only what is read is computed'
  return nodes === 1 ? '1 node becomes another' : `${nodes} nodes become 1`
}

const label = { gap: 9, width: 200, height: 34 }

/** Where the words of an outline stand: at its right. */
export const labelPlace = ({ x, y, width }: Rect): Rect => ({ x: x + width + label.gap, y, width: label.width, height: label.height })

/** Of each kind the first outline is spelled out beside which nothing else stands, other words included: elsewhere words would hide more than they tell. */
function spelledOnce(marks: readonly Mark[], solid: SpatialIndex<Rect>): Mark[] {
  const spelled = new Set<string>()
  const words: Rect[] = []
  return marks.map((mark) => {
    const place = labelPlace(mark)
    if (spelled.has(mark.title) || solid.within(place).length > 0 || words.some((other) => overlaps(other, place))) return mark
    spelled.add(mark.title)
    words.push(place)
    return { ...mark, spelled: true }
  })
}

export type RowRect = Rect & { readonly box: string }

/** One outline around nodes that stand together; where others stand between them, one for each box. Nothing when some are folded away. */
function regionsOf(ids: readonly string[], rows: ReadonlyMap<string, RowRect>): Rect[] {
  const rects = ids.map((id) => rows.get(id))
  if (rects.length === 0 || rects.some((rect) => rect === undefined)) return []
  const own = rects as RowRect[]
  const whole = unionOf(own)
  const members = new Set(ids)
  const foreign = [...rows].some(([id, rect]) => !members.has(id) && overlaps(rect, whole))
  if (!foreign) return [grown(whole, around)]
  const boxes = new Map<string, RowRect[]>()
  for (const rect of own) boxes.set(rect.box, [...(boxes.get(rect.box) ?? []), rect])
  return [...boxes.values()].map((parts) => beside(unionOf(parts)))
}

/** The same refusal at many places is one finding. */
function nearMissesOf({ nearMisses }: Inspection): { rule: string; reason: string; at: string[] }[] {
  const found = new Map<string, { rule: string; reason: string; at: string[] }>()
  for (const { rule, reason, at } of nearMisses) {
    const known = found.get(`${rule}|${reason}`)
    if (known) known.at.push(at)
    else found.set(`${rule}|${reason}`, { rule, reason, at: [at] })
  }
  return [...found.values()]
}

const titleOf = (rule: string, count: number) => `${ruleTitle(rule)}${count > 1 ? `, ${count} ×` : ''}`

function sensitiveIn(index: GraphIndex, { sensitive }: Inspection): Pick<Findings, 'sensitive'> {
  const reasons = new Map(sensitive.flatMap(({ nodes, reason }) => nodes.map((ref): [string, string] => [ref, reason])))
  const nodes = [...index.nodes.values()].filter(({ ref }) => reasons.has(ref))
  return { sensitive: new Map(nodes.map(({ id, ref }) => [id, reasons.get(ref)!])) }
}

const countsOf = ({ fusable, nearMisses, sensitive }: Inspection): Findings['counts'] => ({
  fusable: fusable.reduce((sum, { count }) => sum + count, 0),
  nearMisses: nearMisses.length,
  sensitive: sensitive.length,
})

function rowRects({ boxes }: Scene): Map<string, RowRect> {
  return new Map(
    boxes.flatMap((box) =>
      box.kind === 'stack'
        ? box.rows.map(({ node }, row): [string, RowRect] => [
            node,
            { box: box.id, x: box.x, y: box.y + row * measures.row, width: box.width, height: measures.row },
          ])
        : [],
    ),
  )
}

/** Wider than its rows, and no higher: those above and below are others. */
const beside = ({ x, y, width, height }: Rect): Rect => ({ x: x - 2, y, width: width + 4, height })

const grown = ({ x, y, width, height }: Rect, by: number): Rect => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
})
