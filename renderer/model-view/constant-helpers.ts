import type { GraphView, NodeView } from '../../core/api/graph-view.ts'

/** What does no work at run time where it reads constants only: it tells how a weight is stored, not what the model does. */
const helperTypes: ReadonlySet<string> = new Set([
  'Cast',
  'DequantizeLinear',
  'Flatten',
  'Identity',
  'QuantizeLinear',
  'Reshape',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
])

/**
 * Nodes that only prepare a constant for the nodes that read it (the `DequantizeLinear` of a stored 8-bit weight), each with the node in
 * whose row it is drawn: its first reader that is drawn itself. What gives an output of the graph, or is read by nothing, is no helper.
 * @param made outputs of `Constant` nodes, which count as constants
 */
export function constantHelpers(view: GraphView, nodes: readonly NodeView[], made: ReadonlySet<string>): Map<string, string> {
  const constants = new Set(made)
  const isConstant = (name: string) => name === '' || constants.has(name) || view.values[name]?.constant === true
  const found: NodeView[] = []
  for (const node of nodes) {
    if (!isHelperType(node) || node.inputs.length === 0 || !node.inputs.every(isConstant)) continue
    found.push(node)
    for (const name of node.outputs) constants.add(name)
  }
  return withReaders(view, nodes, found)
}

const isHelperType = ({ opType, domain, subgraphs }: NodeView) =>
  helperTypes.has(opType) && (domain === '' || domain === 'ai.onnx' || domain === 'com.microsoft') && subgraphs.length === 0

function withReaders(view: GraphView, nodes: readonly NodeView[], found: readonly NodeView[]): Map<string, string> {
  const outputs = new Set(view.outputs.map(({ name }) => name))
  const firstReader = new Map<string, NodeView>()
  for (const node of nodes) for (const name of node.inputs) if (name !== '' && !firstReader.has(name)) firstReader.set(name, node)
  const shown = new Map<string, string>()
  // Backwards: what prepares for another helper is drawn where that one is.
  for (const { id, outputs: made } of [...found].reverse()) {
    if (made.some((name) => outputs.has(name))) continue
    const reader = made.map((name) => firstReader.get(name)).find((node) => node !== undefined)
    if (reader) shown.set(id, shown.get(reader.id) ?? reader.id)
  }
  return shown
}
