import { goTo } from '../model-view/model-tools.tsx'
import { viewStore } from '../model-view/view-store.ts'
import { select, sessionStore, showTab } from '../stores/session.ts'

/** Row, bar and graph node are one selection. */
export function chooseLayer(layer: string): void {
  sessionStore.setState({ layer })
  const node = nodeOf(layer)
  if (node !== undefined) select({ kind: 'node', id: node })
}

/** From the table to the graph. */
export function showLayerInGraph(layer: string): void {
  chooseLayer(layer)
  showTab('Model')
  const node = nodeOf(layer)
  // The graph is drawn after the tab has changed.
  if (node !== undefined) setTimeout(() => goTo(node), 150)
}

/** The node of a layer that carries its weights, else its first. */
function nodeOf(layer: string): string | undefined {
  const nodes = [...(viewStore.getState().index?.nodes.values() ?? [])].filter((node) => node.layer === layer)
  return (nodes.find(({ weightBytes }) => weightBytes > 0) ?? nodes[0])?.id
}
