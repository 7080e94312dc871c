import type { Inspection } from '../../core/api/inspection.ts'
import type { GraphIndex } from './graph-index.ts'
import { measures, type Rect, type Scene } from './scene.ts'

/** An outline around nodes: they can be fused, or nearly. */
export type Mark = Rect & {
  readonly id: string
  readonly kind: 'fusable' | 'near-miss'
  readonly title: string
  readonly text: string
  /** Only the first of its kind in a drawing is spelled out. */
  readonly spelled: boolean
}

export interface Findings {
  readonly marks: readonly Mark[]
  /** Node id -> why it is sensitive. */
  readonly sensitive: ReadonlyMap<string, string>
  readonly counts: { readonly fusable: number; readonly nearMisses: number; readonly sensitive: number }
}

export const noFindings: Findings = { marks: [], sensitive: new Map(), counts: { fusable: 0, nearMisses: 0, sensitive: 0 } }

const around = 7

/** What the inspection found, laid over a drawing: only what stands open can be outlined. */
export function findingsIn(index: GraphIndex, scene: Scene, inspection: Inspection): Findings {
  const rows = rowRects(scene)
  const idOf = new Map([...index.nodes.values()].map(({ ref, id }) => [ref, id]))
  const rectOf = (refs: readonly string[]) => {
    const rects = refs.map((ref) => rows.get(idOf.get(ref) ?? ''))
    return rects.every((rect) => rect !== undefined) && rects.length > 0 ? grown(union(rects as Rect[])) : null
  }
  const seen = new Set<string>()
  const first = (kind: string) => !seen.has(kind) && seen.add(kind) !== undefined
  const fusable = inspection.fusable.flatMap(({ rule, count, instances }) =>
    instances.flatMap(({ nodes }, position): Mark[] => {
      const rect = rectOf(nodes)
      if (!rect) return []
      const text = `${nodes.length} nodes become 1`
      return [{ ...rect, id: `fuse:${rule}:${position}`, kind: 'fusable', title: titleOf(rule, count), text, spelled: first(rule) }]
    }),
  )
  const near = nearMissesOf(inspection).flatMap(({ rule, reason, at }) =>
    at.flatMap((ref): Mark[] => {
      const rect = rectOf([ref])
      if (!rect) return []
      const key = `${rule}|${reason}`
      return [
        {
          ...rect,
          id: `near:${rule}:${ref}`,
          kind: 'near-miss',
          title: `Near-miss: ${titleOf(rule, at.length)}`,
          text: reason,
          spelled: first(key),
        },
      ]
    }),
  )
  return { marks: [...fusable, ...near], ...sensitiveIn(index, inspection), counts: countsOf(inspection) }
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

/** `fuse-bias-gelu` reads as `bias gelu`. */
const titleOf = (rule: string, count: number) =>
  `${rule.replace(/^(fuse|lift|merge)-/, '').replaceAll('-', ' ')}${count > 1 ? `, ${count} ×` : ''}`

function sensitiveIn(index: GraphIndex, { sensitive }: Inspection): Pick<Findings, 'sensitive'> {
  const reasons = new Map(sensitive.map(({ layer, reason }) => [layer, reason]))
  const nodes = [...index.nodes.values()].filter(({ layer, weightBytes }) => layer !== null && weightBytes > 0 && reasons.has(layer))
  return { sensitive: new Map(nodes.map(({ id, layer }) => [id, reasons.get(layer!)!])) }
}

const countsOf = ({ fusable, nearMisses, sensitive }: Inspection): Findings['counts'] => ({
  fusable: fusable.reduce((sum, { count }) => sum + count, 0),
  nearMisses: nearMisses.length,
  sensitive: sensitive.length,
})

function rowRects({ boxes }: Scene): Map<string, Rect> {
  return new Map(
    boxes.flatMap((box) =>
      box.kind === 'stack'
        ? box.rows.map(({ node }, row): [string, Rect] => [
            node,
            { x: box.x, y: box.y + row * measures.row, width: box.width, height: measures.row },
          ])
        : [],
    ),
  )
}

function union(rects: readonly Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x))
  const y = Math.min(...rects.map((rect) => rect.y))
  const right = Math.max(...rects.map((rect) => rect.x + rect.width))
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height))
  return { x, y, width: right - x, height: bottom - y }
}

const grown = ({ x, y, width, height }: Rect): Rect => ({
  x: x - around,
  y: y - around,
  width: width + 2 * around,
  height: height + 2 * around,
})
