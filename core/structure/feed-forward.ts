import type { Node, Value } from '../ir/value.ts'
import { shapeOf } from '../shapes/shape-facts.ts'
import type { CanonicalForm } from './canonical-form.ts'
import { products, projectionBefore, projectionsAfter } from './projection.ts'

/** Two matrices with an activation between them, or three with a gate (SwiGLU and its kin). */
export interface FeedForward {
  readonly id: string
  readonly kind: 'two-matrix' | 'gated'
  readonly up: readonly Node[]
  readonly down: Node
  readonly activation: readonly Node[]
}

const activations: ReadonlySet<string> = new Set([
  ...['Activation', 'Gelu', 'FastGelu', 'BiasGelu', 'QuickGelu', 'Relu', 'Tanh', 'Elu', 'LeakyRelu', 'HardSwish', 'Mish', 'Swish', 'Erf'],
  ...['Selu', 'Celu', 'Softplus', 'PRelu', 'Clip', 'Sigmoid'],
])

/** A sigmoid makes a part only as a gate (GLU): others open and close what is no feed-forward part, such as channels of a picture. */
const gatesOnly: ReadonlySet<string> = new Set(['Sigmoid'])

/** Every feed-forward part of a model, in order. */
export function feedForwardsOf(form: CanonicalForm): readonly FeedForward[] {
  const found: FeedForward[] = []
  for (const node of form.model.graph.nodes) {
    if (!activations.has(node.opType)) continue
    const part = partOf(node, form)
    if (part !== null) found.push({ id: `feed-forward.${found.length}`, ...part })
  }
  return found
}

/** What goes in comes out as wide again; the pooler and classifier of a BERT are two matrices as well, and no such part. */
function returnsTo(up: Node, down: Node): boolean {
  const [wide, back] = [up.inputs[0] && shapeOf(up.inputs[0])?.at(-1), down.outputs[0] && shapeOf(down.outputs[0])?.at(-1)]
  return typeof wide !== 'number' || typeof back !== 'number' || wide === back
}

/** Whether what comes out goes through an activation at once: a chain of layers, as heads for boxes and classes are, and no such part. */
function isActivatedAgain(down: Node): boolean {
  const result = down.outputs[0]
  const [biased] = result?.uses ?? []
  const isBias = biased?.node.opType === 'Add' && biased.node.inputs.some((input) => input?.constant != null)
  const last = isBias && result?.uses.length === 1 ? biased.node.outputs[0] : result
  return last !== undefined && last.uses.length > 0 && last.uses.every(({ node }) => activations.has(node.opType))
}

function partOf(activation: Node, form: CanonicalForm): Omit<FeedForward, 'id'> | null {
  const before = projectionBefore(activation.inputs[0])
  const result = squared(activation.outputs[0])
  if (before === null || result === undefined || before.opType.includes('Conv')) return null
  const gate = result.uses.length === 1 && result.uses[0]?.node.opType === 'Mul' ? result.uses[0].node : null
  const other = gate === null ? null : projectionBefore(gate.inputs.find((input) => input !== null && input !== result) as Value)
  if (gatesOnly.has(activation.opType) && (other === null || !readSame(before, other))) return null
  const down = projectionsAfter(gate !== null && other !== null ? (gate.outputs[0] as Value) : result)[0]
  if (down === undefined || !returnsTo(before, down) || isActivatedAgain(down)) return null
  const product = (node: Node): Node | undefined => form.nodesOf(node).find(({ opType }) => products.has(opType))
  const up = [before, ...(other === null ? [] : [other])].flatMap((node) => product(node) ?? [])
  const into = product(down)
  return into === undefined || up.length === 0
    ? null
    : { kind: other === null ? 'two-matrix' : 'gated', up, down: into, activation: form.nodesOf(activation) }
}

/** The square of an activation, where that alone reads it (ReLU squared). */
function squared(result: Value | undefined): Value | undefined {
  const [first] = result?.uses ?? []
  if (result === undefined || first === undefined || result.uses.some(({ node }) => node !== first.node)) return result
  const { opType, inputs, outputs } = first.node
  const square = opType === 'Mul' ? inputs.every((input) => input === result) : opType === 'Pow' && inputs[0] === result
  return square ? outputs[0] : result
}

/** Whether two products multiply the same value: a gate and what passes it do. */
const readSame = (a: Node, b: Node): boolean => a === b || a.inputs.some((input) => input?.constant === null && b.inputs.includes(input))
