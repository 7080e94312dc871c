import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { LayerRow } from '../../core/api/report.ts'
import { useCandidate } from '../frame/candidate-figures.tsx'
import { sourceId } from '../stores/pipeline-edit.ts'
import { type ColourMode, sessionStore } from '../stores/session.ts'
import { colourStore, type Paint, plainColours } from './colours.ts'
import type { GraphIndex } from './graph-index.ts'
import { heatOf } from './heat.ts'
import { viewStore } from './view-store.ts'

/** Paints the nodes by the chosen mode. */
export function useColours(index: GraphIndex): void {
  const mode = useStore(sessionStore, ({ colourBy }) => colourBy)
  const onSource = useStore(sessionStore, ({ stage }) => stage === sourceId)
  const sensitive = useStore(viewStore, ({ findings }) => findings.sensitive)
  const candidate = useCandidate()
  useEffect(() => {
    colourStore.setState({ paint: paintOf({ index, mode, rows: candidate?.layers ?? [], onSource, sensitive }) })
    return () => colourStore.setState(plainColours)
  }, [index, mode, candidate, onSource, sensitive])
}

interface Given {
  readonly index: GraphIndex
  readonly mode: ColourMode
  readonly rows: readonly LayerRow[]
  readonly onSource: boolean
  readonly sensitive: ReadonlyMap<string, string>
}

const quiet: Paint = { bar: 'var(--line-2)', tint: 'var(--raised)' }
const marked: Paint = { bar: 'var(--caution)', tint: 'var(--caution-tint)' }

function paintOf(given: Given): ReadonlyMap<string, Paint> | null {
  const { index, mode, sensitive } = given
  if (mode === 'op class') return null
  if (mode === 'sensitivity') return byNode(index, (id) => (sensitive.has(id) ? marked : quiet))
  if (mode === 'weight precision') return byNode(index, (id) => precisionPaint(index, id))
  if (mode === 'change') return byNode(index, (id) => (index.nodes.get(id)!.origins.includes(id) ? quiet : changePaint(index, id)))
  const heat = heatOf(timesOf(given))
  return byNode(index, (id) => heat.get(index.nodes.get(id)!.ref) ?? quiet)
}

function byNode(index: GraphIndex, paint: (id: string) => Paint): Map<string, Paint> {
  return new Map([...index.nodes.keys()].map((id) => [id, paint(id)]))
}

/** Milliseconds of the layer that a node belongs to, by node reference. */
function timesOf({ rows, onSource }: Given): Map<string, number> {
  const times = new Map<string, number>()
  for (const { baseline, candidate, latencyMs } of rows) {
    const reading = onSource ? latencyMs.baseline : latencyMs.candidate
    if (typeof reading === 'number') for (const ref of onSource ? baseline : candidate) times.set(ref, reading)
  }
  return times
}

function precisionPaint(index: GraphIndex, id: string): Paint {
  const types = index.nodes.get(id)!.inputs.flatMap((name) => {
    const value = index.view.values[name]
    return value?.constant ? [value.type.split(' ')[0]!] : []
  })
  if (types.some((type) => /^u?int4/.test(type))) return { bar: 'var(--fused)', tint: 'var(--fused-tint)' }
  if (types.some((type) => /^u?int8/.test(type))) return { bar: 'var(--op-quant)', tint: 'var(--op-quant-tint)' }
  if (types.some((type) => /^b?float16/.test(type))) return { bar: 'var(--op-pool)', tint: 'var(--op-pool-tint)' }
  return types.includes('float32') && index.nodes.get(id)!.weightBytes > 0
    ? { bar: 'var(--op-layer)', tint: 'var(--op-layer-tint)' }
    : quiet
}

function changePaint(index: GraphIndex, id: string): Paint {
  const { origins } = index.nodes.get(id)!
  if (origins.length > 1) return { bar: 'var(--fused)', tint: 'var(--fused-tint)' }
  return origins.length === 0 ? { bar: 'var(--better)', tint: 'var(--better-tint)' } : marked
}
