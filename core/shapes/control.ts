import { graphOf, intsOf } from '../ir/attributes.ts'
import type { Graph } from '../ir/graph.ts'
import type { Dim, Node, Value, ValueType } from '../ir/value.ts'
import { sameDim } from './dim.ts'
import { type Known, onlyEntry } from './known.ts'

/** What inference of control flow needs of the whole: `Shapes`. */
interface Scope {
  graph(graph: Graph): void
  assume(value: Value, type: ValueType | null): void
  learn(value: Value, known: Known | null): void
  known(value: Value | null): Known | null
}

/** Output types of the operators that hold subgraphs; nothing for others. */
export function inferControl(node: Node, scope: Scope): readonly (ValueType | null)[] {
  if (node.domain !== '') return []
  if (node.opType === 'If') return inferIf(node, scope)
  if (node.opType === 'Loop') return inferLoop(node, scope)
  // Before operator set 9 a Scan had a batch axis.
  return node.opType === 'Scan' && node.graph.model.opset >= 9 ? inferScan(node, scope) : []
}

function inferIf(node: Node, scope: Scope): readonly (ValueType | null)[] {
  const branches = ['then_branch', 'else_branch'].flatMap((name) => graphOf(node, name) ?? [])
  for (const branch of branches) scope.graph(branch)
  const chosen = onlyEntry(scope.known(node.inputs[0] ?? null))
  const possible = typeof chosen === 'number' ? branches.slice(chosen === 0 ? 1 : 0).slice(0, 1) : branches
  return node.outputs.map((_, i) => {
    const types = possible.map((branch) => branch.outputs[i]?.type ?? null)
    return types.reduce((a, b) => commonType(a, b))
  })
}

/** The type of a value that has either type. */
export function commonType(a: ValueType | null, b: ValueType | null): ValueType | null {
  if (a?.kind !== 'tensor' || b?.kind !== 'tensor' || a.dtype !== b.dtype) return null
  if (a.shape === null || b.shape === null || a.shape.length !== b.shape.length) return { kind: 'tensor', dtype: a.dtype, shape: null }
  const other = b.shape
  return { kind: 'tensor', dtype: a.dtype, shape: a.shape.map((dim, i): Dim => (sameDim(dim, other[i] ?? null) ? dim : null)) }
}

/** Loop(M, cond, v...) with a body (iteration, cond, v...) -> (cond, v..., scans...). */
function inferLoop(node: Node, scope: Scope): readonly (ValueType | null)[] {
  const body = graphOf(node, 'body')
  if (body === null) return []
  const [iteration, condition, ...states] = body.inputs
  if (iteration !== undefined) scope.assume(iteration, { kind: 'tensor', dtype: 'int64', shape: [] })
  if (condition !== undefined) scope.assume(condition, { kind: 'tensor', dtype: 'bool', shape: [] })
  const carried = carry(body, scope, {
    states,
    initial: node.inputs.slice(2).map((value) => value?.type ?? null),
    results: body.outputs.slice(1, 1 + states.length),
  })
  const scans = body.outputs.slice(1 + states.length).map(({ type }) => stacked(type, null))
  return [...carried, ...scans]
}

/** Infers a body until the types of what it carries are stable: a size that changes from turn to turn is unknown. */
function carry(
  body: Graph,
  scope: Scope,
  loop: { states: readonly Value[]; initial: readonly (ValueType | null)[]; results: readonly Value[] },
): readonly (ValueType | null)[] {
  let types = loop.initial
  for (let round = 0; round < 3; round++) {
    loop.states.forEach((state, i) => {
      scope.assume(state, types[i] ?? null)
    })
    for (const node of body.nodes) for (const output of node.outputs) if (!output.isOutput) output.graph.setType(output, null)
    scope.graph(body)
    const next = types.map((type, i) => {
      const result = loop.results[i]?.type ?? null
      return result === null ? type : commonType(type, result)
    })
    if (JSON.stringify(next) === JSON.stringify(types)) return types
    types = next
  }
  return types.map((type) => (type?.kind === 'tensor' ? { ...type, shape: null } : type))
}

/** Scan of operator sets 9 and later: states and slices in, states and stacked slices out. */
function inferScan(node: Node, scope: Scope): readonly (ValueType | null)[] {
  const body = graphOf(node, 'body')
  const attribute = node.attributes.get('num_scan_inputs')
  if (body === null || attribute?.type !== 'int') return []
  const stateCount = node.inputs.length - attribute.value
  const axes = intsOf(node, 'scan_input_axes') ?? []
  let length: Dim = null
  body.inputs.slice(stateCount).forEach((slice, i) => {
    const type = node.inputs[stateCount + i]?.type
    if (type?.kind !== 'tensor' || type.shape === null) return
    const axis = ((axes[i] ?? 0) + type.shape.length) % type.shape.length
    length ??= type.shape[axis] ?? null
    scope.assume(slice, { ...type, shape: type.shape.filter((_, at) => at !== axis) })
  })
  const carried = carry(body, scope, {
    states: body.inputs.slice(0, stateCount),
    initial: node.inputs.slice(0, stateCount).map((value) => value?.type ?? null),
    results: body.outputs.slice(0, stateCount),
  })
  const front = (intsOf(node, 'scan_output_axes') ?? []).every((axis) => axis === 0)
  const scans = body.outputs.slice(stateCount).map(({ type }) => (front ? stacked(type, length) : null))
  return [...carried, ...scans]
}

const stacked = (type: ValueType | null, length: Dim): ValueType | null =>
  type?.kind === 'tensor' ? { ...type, shape: type.shape === null ? null : [length, ...type.shape] } : null
