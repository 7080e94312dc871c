import { join } from 'node:path'
import type { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { openModel } from '../onnx/read.ts'
import { writeSkeleton } from '../onnx/skeleton.ts'
import type { RunControl, Runtime, SessionSpec } from '../runtime/session.ts'

/**
 * The graph that the runtime makes of a version when it is deployed, in a form that can be observed: a file of kernels with names, to be
 * loaded with optimization off. Adding outputs to the version itself would change which kernels run; adding them to this file does not.
 * It is bound to this machine and this runtime: a temporary, never an export.
 */
export interface ExecutedGraph {
  /** The version, with a name for every node, as it was given to the runtime. */
  readonly version: Model
  /** The version as people deploy it. */
  readonly deployed: SessionSpec
  /** The kernels: nodes `k0`, `k1` ... of the main graph. */
  readonly kernels: Model
  /** The file of kernels, optimization off. */
  readonly session: SessionSpec
  /** What the runtime called each kernel, by its new name. */
  readonly runtimeNames: ReadonlyMap<string, string>
}

export interface ExecuteOptions {
  readonly runtime: Runtime
  /** An empty folder that lives as long as the result is used. */
  readonly folder: string
  readonly provider: string
  readonly threads: number
  readonly control?: RunControl
}

/** Past this many bytes of weights the runtime's own file of kernels keeps them beside itself. */
const largestInside = 1.5 * 2 ** 30

/** Lets the runtime optimize a version as it would at deployment, and names what it made of it. */
export async function executedGraph(version: Model, options: ExecuteOptions): Promise<ExecutedGraph> {
  const { runtime, folder, provider, threads, control } = options
  const named = withNodeNames(version, (node, position) => (node.name === '' ? `unnamed_${position}` : node.name))
  const written = await writeSkeleton(named, folder, { name: 'deployed.onnx' })
  const deployed: SessionSpec = { model: written.path, provider, threads, level: 'all' }
  const out = join(folder, 'optimized.onnx')
  const large = weightBytes(version) > largestInside
  await runtime.optimize({ session: deployed, out, ...(large ? { data: 'optimized.data' } : {}) }, control)
  const optimized = openModel(out)
  const runtimeNames = new Map(optimized.graph.nodes.map((node, position) => [`k${position}`, node.name]))
  const kernels = withNodeNames(optimized, (_, position) => `k${position}`)
  dropLeftoverInputs(kernels, version)
  const executed = await writeSkeleton(kernels, folder, { name: 'executed.onnx' })
  const session: SessionSpec = { model: executed.path, provider, threads, level: 'disabled', config: asItStands }
  return { version: named, deployed, kernels, session, runtimeNames }
}

/**
 * Even with optimization off the runtime gives each reader of a dequantized value a DequantizeLinear of its own, also where the deployed graph
 * shares one (behind a HardSwish that it took apart): kernels that nobody deploys.
 */
const asItStands: Readonly<Record<string, string>> = { 'session.disable_quant_qdq': '1' }

/** In files of old versions, where initializers are inputs too, the runtime leaves the input of a weight that it folded away. */
function dropLeftoverInputs(kernels: Model, { graph }: Model): void {
  const fed = new Set(graph.inputs.map(({ name }) => name))
  for (const input of [...kernels.graph.inputs]) {
    if (!fed.has(input.name) && input.initializer === null && input.uses.length === 0 && !input.isOutput) kernels.graph.removeValue(input)
  }
}

/** A copy whose nodes have unique names: those of the main graph as `nameOf` says, those of subgraphs after their owner. */
function withNodeNames(model: Model, nameOf: (node: Node, position: number) => string): Model {
  const copy = model.fork()
  const taken = new Set<string>()
  const unique = (name: string): string => {
    let free = name
    for (let count = 1; taken.has(free); count++) free = `${name}_again_${count}`
    taken.add(free)
    return free
  }
  copy.graph.nodes.forEach((node, position) => {
    copy.graph.renameNode(node, unique(nameOf(node, position)))
  })
  let inner = 0
  for (const node of allNodes(copy.graph)) {
    if (node.graph === copy.graph) continue
    inner += 1
    node.graph.renameNode(node, unique(`inner_${inner}`))
  }
  return copy
}

/** Bytes of all stored weights. */
export function weightBytes(model: Model): number {
  return model.graph.initializers.reduce((sum, value) => sum + (value.initializer?.ref.length ?? 0), 0)
}
