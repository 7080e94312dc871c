import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { NodeView } from '../../core/api/graph-view.ts'
import type { LayerRow } from '../../core/api/report.ts'
import { useCandidate } from '../frame/candidate-figures.tsx'
import { useShownStage } from '../resources/shown-stage.ts'
import { sourceId } from '../stores/pipeline-edit.ts'
import { type ColourMode, sessionStore } from '../stores/session.ts'
import { colourStore, type Paint, plainColours } from './colours.ts'
import { type GraphIndex, helpersByRow } from './graph-index.ts'
import { heatOf } from './heat.ts'
import { flowingIn, type Precision, runtimePrecision } from './runtime-precision.ts'
import { viewStore } from './view-store.ts'

/** Paints the nodes by the chosen mode. */
export function useColours(index: GraphIndex): void {
  const mode = useStore(sessionStore, ({ colourBy }) => colourBy)
  const onSource = useShownStage() === sourceId
  const sensitive = useStore(viewStore, ({ findings }) => findings.sensitive)
  const candidate = useCandidate()
  useEffect(() => {
    colourStore.setState({ index, paint: paintOf({ index, mode, rows: candidate?.layers ?? [], onSource, sensitive }) })
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
  if (mode === 'runtime precision') return executedPaints(given)
  if (mode === 'weight precision') {
    const helpers = helpersByRow(index)
    return byNode(index, (id) => precisionPaint(index, id, helpers))
  }
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

const precisionPaints: Readonly<Record<Precision, Paint>> = {
  FP32: { bar: 'var(--op-layer)', tint: 'var(--op-layer-tint)' },
  FP16: { bar: 'var(--op-pool)', tint: 'var(--op-pool-tint)' },
  INT8: { bar: 'var(--op-quant)', tint: 'var(--op-quant-tint)' },
  INT4: { bar: 'var(--fused)', tint: 'var(--fused-tint)' },
}

/** As executed: from the kernels that the runtime made of each layer. */
function executedPaints({ index, rows, onSource }: Given): Map<string, Paint> {
  const kernels = new Map<string, readonly string[]>()
  for (const row of rows)
    for (const ref of onSource ? row.baseline : row.candidate) kernels.set(ref, onSource ? row.kernels.baseline : row.kernels.candidate)
  return byNode(index, (id) => {
    const node = index.nodes.get(id)!
    const found = kernels.get(node.ref)
    return found && found.length > 0 ? precisionPaints[runtimePrecision(found, flowingIn(node, index.view))] : quiet
  })
}

/** Weights that are stored in 8 bits and dequantized in the row of their reader are its weights. */
function precisionPaint(index: GraphIndex, id: string, helpers: ReadonlyMap<string, readonly NodeView[]>): Paint {
  const parts = [index.nodes.get(id)!, ...(helpers.get(id) ?? [])]
  const inputs = parts.flatMap(({ inputs }) => inputs)
  const types = inputs.flatMap((name) => {
    const value = index.view.values[name]
    return value?.constant ? [value.type.split(' ')[0]!] : []
  })
  if (types.some((type) => /^u?int4/.test(type))) return precisionPaints.INT4
  if (types.some((type) => /^u?int8/.test(type))) return precisionPaints.INT8
  if (types.some((type) => /^b?float16/.test(type))) return precisionPaints.FP16
  return types.some((type) => type.startsWith('float32')) && parts.some(({ weightBytes }) => weightBytes > 0) ? precisionPaints.FP32 : quiet
}

function changePaint(index: GraphIndex, id: string): Paint {
  const { origins } = index.nodes.get(id)!
  if (origins.length > 1) return { bar: 'var(--fused)', tint: 'var(--fused-tint)' }
  return origins.length === 0 ? { bar: 'var(--better)', tint: 'var(--better-tint)' } : marked
}
