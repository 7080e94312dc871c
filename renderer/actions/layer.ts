import type { LayerRow } from '../../core/api/report.ts'
import { goTo } from '../model-view/model-tools.tsx'
import { viewStore } from '../model-view/view-store.ts'
import { select, sessionStore, showTab } from '../stores/session.ts'

/** What names a row among others. */
export const keyOfRow = ({ layers, names }: LayerRow): string => layers[0] ?? names.join('|')

/** Row, bar and graph node are one selection. */
export function chooseLayer(row: LayerRow): void {
  sessionStore.setState({ layer: keyOfRow(row) })
  const node = nodeOf(row)
  if (node !== undefined) select({ kind: 'node', id: node })
}

/** From the table to the graph. */
export function showLayerInGraph(row: LayerRow): void {
  chooseLayer(row)
  showTab('Model')
  const node = nodeOf(row)
  // The graph is drawn after the tab has changed.
  if (node !== undefined) setTimeout(() => goTo(node), 150)
}

/** From the graph to the table: the row of the node that is selected there becomes the chosen one. */
export function takeOverSelection(rows: readonly LayerRow[]): void {
  const { selection } = sessionStore.getState()
  const ref = selection?.kind === 'node' ? viewStore.getState().index?.nodes.get(selection.id)?.ref : undefined
  const row =
    ref === undefined
      ? undefined
      : rows.find(({ kind, baseline, candidate }) => kind === 'layer' && [...baseline, ...candidate].includes(ref))
  if (row) sessionStore.setState({ layer: keyOfRow(row) })
}

/** The node of a row, in the version on screen, that carries its weights, else its first. */
function nodeOf({ baseline, candidate }: LayerRow): string | undefined {
  const refs = new Set([...baseline, ...candidate])
  const nodes = [...(viewStore.getState().index?.nodes.values() ?? [])].filter(({ ref }) => refs.has(ref))
  return (nodes.find(({ weightBytes }) => weightBytes > 0) ?? nodes[0])?.id
}
