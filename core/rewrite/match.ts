import type { Attribute, Node, Value } from '../ir/value.ts'
import { isClose, same, scalarOf } from './equality.ts'
import { type AttributeWish, type ConstantValue, type Form, type OpForm, qualified } from './pattern.ts'
import { describe, describeNode, told, whyNoConstant } from './wording.ts'

/** Where a match ended and why; kept only while someone explains. */
export interface Miss {
  /** Operators that did match; the last one may be of the right type and refused for an attribute or a condition. */
  readonly matched: readonly Node[]
  /** How many inputs at the pattern's borders matched too: of two attempts that came to as many operators, it tells which came further. */
  readonly leaves: number
  readonly reason: string
  readonly at: Node | Value | null
  /** Whether the whole pattern stood there: someone else reads an interior result, or the rewrite refused. */
  readonly whole: boolean
}

export interface Found {
  readonly captures: Readonly<Record<string, unknown>>
  /** The root first, then interior nodes, in the order of matching. */
  readonly nodes: readonly Node[]
  readonly root: Node
}

/** Operators whose first two inputs may change places. */
const commutative: ReadonlySet<string> = new Set([
  'Add',
  'Mul',
  'And',
  'Or',
  'Xor',
  'Equal',
  'BitwiseAnd',
  'BitwiseOr',
  'BitwiseXor',
  'Max',
  'Min',
  'Sum',
  'Mean',
])

type Next = () => boolean

/**
 * Looks for matches of a pattern at a node. `accept` is asked for every complete match, in the order of alternatives, until it says yes;
 * `onMiss` hears where each attempt ended. Returns whether a match was accepted.
 */
export function matchAt(
  pattern: Form,
  root: Node,
  accept: (found: Found) => boolean,
  onMiss: ((miss: Miss) => void) | null = null,
): boolean {
  return new Matcher(root, onMiss).run(pattern, accept)
}

class Matcher {
  readonly #root: Node
  readonly #onMiss: ((miss: Miss) => void) | null
  readonly #bound = new Map<string, unknown>()
  readonly #nodes: { node: Node; shared: boolean }[] = []
  #leaves = 0

  constructor(root: Node, onMiss: ((miss: Miss) => void) | null) {
    this.#root = root
    this.#onMiss = onMiss
  }

  run(pattern: Form, accept: (found: Found) => boolean): boolean {
    return this.#begin(pattern, this.#root, () => this.#private() && accept(this.#found()))
  }

  #found(): Found {
    return { captures: Object.fromEntries(this.#bound), nodes: this.#nodes.map(({ node }) => node), root: this.#root }
  }

  #value(form: Form, value: Value | null, next: Next): boolean {
    switch (form.form) {
      case 'op':
        return this.#producer(form, value, next)
      case 'oneOf':
        return form.options.some((option) => this.#value(option, value, next))
      case 'maybe':
        return value === null ? this.#absent(form.names, next) : this.#value(form.of, value, next)
      case 'any':
        return value === null ? this.#miss('an input is left out', null) : this.#leaf(form, value, this.#counted(next))
      case 'constant':
        if (value?.constant == null) return this.#miss(whyNoConstant(value), value)
        return this.#leaf(form, value as ConstantValue, this.#counted(next))
      case 'scalar':
        return this.#scalar(form, value, this.#counted(next))
      default:
        throw new Error(`'${form.form}' stands where a value is matched`)
    }
  }

  #counted(next: Next): Next {
    return () => {
      this.#leaves++
      if (next()) return true
      this.#leaves--
      return false
    }
  }

  #leaf<V extends Value>(
    form: { name: string | null; conditions: readonly ((value: V) => true | string)[] },
    value: V,
    next: Next,
  ): boolean {
    for (const condition of form.conditions) {
      const answer = condition(value)
      if (answer !== true) return this.#miss(answer, value)
    }
    return this.#bind(form.name, value, next)
  }

  #scalar(form: Extract<Form, { form: 'scalar' }>, value: Value | null, next: Next): boolean {
    const number = value?.constant ? scalarOf(value.constant) : null
    if (number === null) return this.#miss(value?.constant ? `${describe(value)} is no single number` : whyNoConstant(value), value)
    if (form.equals === null) return this.#bind(form.name, number, next)
    if (!isClose(number, form.equals, form.within)) return this.#miss(`the constant is ${number}, not ${form.equals}`, value)
    return next()
  }

  #producer(form: OpForm, value: Value | null, next: Next): boolean {
    const node = value?.producer ?? null
    if (node === null) return this.#miss(`expected ${form.types.join(' or ') || 'an operator'}, found ${describe(value)}`, value)
    if (node.graph !== this.#root.graph) return this.#miss(`${describe(value)} is computed outside of this subgraph`, value)
    if (form.types.length > 0 && !form.types.includes(qualified(node)))
      return this.#miss(`expected ${form.types.join(' or ')}, found ${qualified(node)}`, node)
    if (node.outputs[form.output] !== value) return this.#miss(`another output of ${qualified(node)} is meant`, node)
    return this.#operator(form, node, next)
  }

  #begin(form: Form, node: Node, next: Next): boolean {
    if (form.form === 'oneOf') return form.options.some((option) => this.#begin(option, node, next))
    if (form.form !== 'op') throw new Error(`a pattern begins with an operator, not with '${form.form}'`)
    if (form.types.length > 0 && !form.types.includes(qualified(node))) return false
    return this.#operator(form, node, next)
  }

  #operator(form: OpForm, node: Node, next: Next): boolean {
    this.#nodes.push({ node, shared: form.shared })
    const refusal = refusalOf(form, node)
    if (refusal !== null) this.#miss(refusal, node)
    else if (this.#bind(form.name, node, () => this.#orders(form, node, next))) return true
    this.#nodes.pop()
    return false
  }

  #orders(form: OpForm, node: Node, next: Next): boolean {
    const { inputs } = node
    if (this.#inputs(form.inputs, inputs, 0, next)) return true
    if (!commutative.has(node.opType) || node.domain !== '' || inputs.length !== 2 || form.inputs.length !== 2) return false
    return this.#inputs(form.inputs, [inputs[1] ?? null, inputs[0] ?? null], 0, next)
  }

  #inputs(forms: readonly Form[], inputs: readonly (Value | null)[], index: number, next: Next): boolean {
    const form = forms[index]
    if (form === undefined) {
      if (inputs.slice(index).some((value) => value !== null))
        return this.#miss(`the operator has more than ${index} inputs`, inputs[index] ?? null)
      return next()
    }
    if (form.form === 'rest') return this.#bind(form.name, inputs.slice(index), next)
    return this.#value(form, inputs[index] ?? null, () => this.#inputs(forms, inputs, index + 1, next))
  }

  #absent(names: readonly string[], next: Next): boolean {
    const fresh = names.filter((name) => !this.#bound.has(name))
    for (const name of fresh) this.#bound.set(name, null)
    if (next()) return true
    for (const name of fresh) this.#bound.delete(name)
    return false
  }

  #bind(name: string | null, subject: unknown, next: Next): boolean {
    if (name === null) return next()
    if (this.#bound.has(name)) {
      const bound = this.#bound.get(name)
      return same(bound, subject) ? next() : this.#miss(`${told(subject)} stands where ${told(bound)} is expected`, placeOf(subject))
    }
    this.#bound.set(name, subject)
    if (next()) return true
    this.#bound.delete(name)
    return false
  }

  /** Whether nobody outside of the match reads an interior result that would have to be computed twice. */
  #private(): boolean {
    const inside = new Set(this.#nodes.map(({ node }) => node))
    for (const { node, shared } of this.#nodes) {
      if (shared || node === this.#root) continue
      for (const output of node.outputs) {
        if (output.isOutput) return this.#miss(`the result of ${qualified(node)} is also an output of the graph`, node, true)
        const other = output.uses.find((use) => !inside.has(use.node))
        if (other !== undefined)
          return this.#miss(`the result of ${qualified(node)} is also read by ${describeNode(other.node)}`, node, true)
      }
    }
    return true
  }

  #miss(reason: string, at: Node | Value | null, whole = false): false {
    this.#onMiss?.({ matched: this.#nodes.map(({ node }) => node), leaves: this.#leaves, reason, at, whole })
    return false
  }
}

const placeOf = (thing: unknown): Node | Value | null => (typeof thing === 'object' ? (thing as Node | Value | null) : null)

/** Why a node of the right type is not meant; `null` where it is. */
function refusalOf(form: OpForm, node: Node): string | null {
  for (const [name, wish] of form.attributes) {
    const answer = checkAttribute(name, node.attributes.get(name) ?? null, wish)
    if (answer !== true) return answer
  }
  for (const condition of form.conditions) {
    const answer = condition(node)
    if (answer !== true) return answer
  }
  return null
}

function checkAttribute(name: string, attribute: Attribute | null, wish: AttributeWish): true | string {
  if (typeof wish === 'function') return wish(attribute)
  const wanted = typeof wish === 'object' && 'orAbsent' in wish ? wish.is : wish
  if (attribute === null) return wanted !== wish || `attribute '${name}' is left out`
  const value = 'value' in attribute ? attribute.value : null
  const holds = typeof wanted === 'number' ? typeof value === 'number' && isClose(value, wanted) : String(value) === String(wanted)
  return holds || `attribute '${name}' is ${String(value)}, not ${String(wanted)}`
}
