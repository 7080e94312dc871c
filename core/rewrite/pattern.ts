import type { Tensor } from '../ir/tensor.ts'
import type { Attribute, Node, Value } from '../ir/value.ts'

/** A value whose tensor nothing can override. Its bytes are read only by whoever asks for them. */
export interface ConstantValue extends Value {
  readonly constant: Tensor
}

/** A condition: `true`, or the sentence that says why not. */
export type Condition<T> = (subject: T) => true | string

/** What an attribute must be: a value (the attribute must stand there), a value that also holds when it is left out, or a condition. */
export type AttributeWish =
  | number
  | string
  | readonly number[]
  | { readonly is: number | string | readonly number[]; readonly orAbsent: true }
  | Condition<Attribute | null>

export type Form =
  | { readonly form: 'any'; readonly name: string | null; readonly conditions: readonly Condition<Value>[] }
  | { readonly form: 'constant'; readonly name: string | null; readonly conditions: readonly Condition<ConstantValue>[] }
  | { readonly form: 'scalar'; readonly name: string | null; readonly equals: number | null; readonly within: number }
  | OpForm
  | { readonly form: 'oneOf'; readonly options: readonly Form[] }
  | { readonly form: 'maybe'; readonly of: Form; readonly names: readonly string[] }
  | { readonly form: 'rest'; readonly name: string }

export interface OpForm {
  readonly form: 'op'
  /** Qualified operator types; empty: any operator. */
  readonly types: readonly string[]
  readonly inputs: readonly Form[]
  readonly name: string | null
  readonly attributes: readonly (readonly [string, AttributeWish])[]
  /** Which output of the node is meant. */
  readonly output: number
  /** Whether others may read its results too. */
  readonly shared: boolean
  readonly conditions: readonly Condition<Node>[]
}

declare const captures: unique symbol

/** A pattern that captures `C`: an object from capture names to values, numbers, nodes. The type of a rule's `found` follows from it. */
export type Pattern<C = Nothing> = Form & { readonly [captures]?: { readonly of: C } }

export type Nothing = Record<never, never>
export type AnyPattern = Form & { readonly [captures]?: { readonly of: unknown } }
export type CapturesOf<P> = P extends { readonly [captures]?: { readonly of: infer C } } ? C : never
/** The captures of all of several patterns together. */
type AllOf<P> = (P extends { readonly [captures]?: { readonly of: infer C } } ? (captured: C) => void : never) extends (
  captured: infer I,
) => void
  ? I
  : Nothing
type KeysOf<U> = U extends unknown ? keyof U : never
type OneOf<U> = { [K in KeysOf<U>]: U extends unknown ? (K extends keyof U ? U[K] : undefined) : never }
type OrNull<C> = { [K in keyof C]: C[K] | null }

/** Any value that is there. */
export function any(): Pattern
export function any<N extends string>(name: N, ...conditions: Condition<Value>[]): Pattern<Record<N, Value>>
export function any(name: string | null = null, ...conditions: Condition<Value>[]): AnyPattern {
  return { form: 'any', name, conditions }
}

/** A constant of any size; its bytes are not read to match it. */
export function constant(): Pattern
export function constant<N extends string>(name: N, ...conditions: Condition<ConstantValue>[]): Pattern<Record<N, ConstantValue>>
export function constant(name: string | null = null, ...conditions: Condition<ConstantValue>[]): AnyPattern {
  return { form: 'constant', name, conditions }
}

/** Relative distance within which a constant has the value that a pattern names. */
export const tolerance = 1e-6

/** A constant with one element (of any rank): of the given value (within 1e-6 relative, unless given), or of any value, captured as a number. */
export function scalar(equals: number, within?: number): Pattern
export function scalar<N extends string>(name: N): Pattern<Record<N, number>>
export function scalar(wanted: number | string, within = tolerance): AnyPattern {
  return typeof wanted === 'number'
    ? { form: 'scalar', name: null, equals: wanted, within }
    : { form: 'scalar', name: wanted, equals: null, within }
}

export interface OpOptions {
  readonly attributes?: Readonly<Record<string, AttributeWish>>
  readonly output?: number
  readonly shared?: boolean
  readonly when?: Condition<Node> | readonly Condition<Node>[]
}

/** Captures the node; the same name twice means the same node. */
export interface Named<N extends string> {
  readonly name: N
}

/**
 * The result of an operator: `op('Conv', [any('x'), constant('w'), maybe(constant('b'))], 'conv')`. Types of other domains are qualified
 * (`com.microsoft.Gelu`); several types are alternatives; `'*'` is any. Inputs that the pattern does not list must be absent, except after `rest`.
 */
export function op<const Inputs extends readonly AnyPattern[], N extends string>(
  types: string | readonly string[],
  inputs: Inputs,
  name: N | (OpOptions & Named<N>),
): Pattern<AllOf<Inputs[number]> & Record<N, Node>>
export function op<const Inputs extends readonly AnyPattern[]>(
  types: string | readonly string[],
  inputs: Inputs,
  options?: OpOptions,
): Pattern<AllOf<Inputs[number]>>
export function op(
  types: string | readonly string[],
  inputs: readonly AnyPattern[],
  named: string | (OpOptions & Partial<Named<string>>) = {},
): AnyPattern {
  const options = typeof named === 'string' ? { name: named } : named
  const list = typeof types === 'string' ? [types] : types
  const when = options.when === undefined ? [] : typeof options.when === 'function' ? [options.when] : options.when
  return {
    form: 'op',
    types: list.includes('*') ? [] : list,
    inputs,
    name: options.name ?? null,
    attributes: Object.entries(options.attributes ?? {}),
    output: options.output ?? 0,
    shared: options.shared ?? false,
    conditions: when,
  }
}

/** Alternatives, tried in order; captures that only some of them have are `undefined` with the others. */
export function oneOf<const Options extends readonly AnyPattern[]>(...options: Options): Pattern<OneOf<CapturesOf<Options[number]>>> {
  return { form: 'oneOf', options }
}

/** An optional input: absent (its captures are `null`) or as the pattern says. */
export function maybe<P extends AnyPattern>(pattern: P): Pattern<OrNull<CapturesOf<P>>> {
  return { form: 'maybe', of: pattern, names: namesOf(pattern) }
}

/** All remaining inputs of a variadic operator. */
export function rest<N extends string>(name: N): Pattern<Record<N, readonly (Value | null)[]>> {
  return { form: 'rest', name }
}

/** The pattern itself or seen through one operator of the given types that keeps the first input's meaning (Cast, Identity). */
export function through<P extends AnyPattern>(types: string | readonly string[], pattern: P): Pattern<CapturesOf<P>> {
  return { form: 'oneOf', options: [pattern, op(types, [pattern, maybe(any()), maybe(any())])] }
}

/** Others may read the results of this operator too: it stays where it is when they do. */
export function shared<C>(pattern: Pattern<C>): Pattern<C> {
  if (pattern.form === 'oneOf') return { ...pattern, options: pattern.options.map((option) => shared(option as AnyPattern)) }
  return pattern.form === 'op' ? { ...pattern, shared: true } : pattern
}

/** A value that also holds when the attribute is left out (it is the default). */
export const orAbsent = (is: number | string | readonly number[]): AttributeWish => ({ is, orAbsent: true })

/** The names that a pattern may capture. */
export function namesOf(form: Form): readonly string[] {
  switch (form.form) {
    case 'op':
      return [...(form.name === null ? [] : [form.name]), ...form.inputs.flatMap(namesOf)]
    case 'oneOf':
      return form.options.flatMap(namesOf)
    case 'maybe':
      return form.names
    default:
      return form.name === null ? [] : [form.name]
  }
}

/** The operator types a match can begin at; `null` when any operator can be it. */
export function rootTypes(form: Form): readonly string[] | null {
  if (form.form === 'op') return form.types.length === 0 ? null : form.types
  if (form.form !== 'oneOf') throw new Error(`a pattern begins with an operator, not with '${form.form}'`)
  const types = form.options.map(rootTypes)
  return types.includes(null) ? null : (types.flat() as string[])
}

/** The least number of operators in a match. */
export function sizeOf(form: Form): number {
  switch (form.form) {
    case 'op':
      return 1 + form.inputs.reduce((sum, input) => sum + sizeOf(input), 0)
    case 'oneOf':
      return Math.min(...form.options.map(sizeOf))
    default:
      return 0
  }
}

/** An operator's type with its domain, as patterns name it: `MatMul`, `com.microsoft.Gelu`. */
export const qualified = (node: Node): string => (node.domain === '' ? node.opType : `${node.domain}.${node.opType}`)
