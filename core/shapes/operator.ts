import { intOf, intsOf } from '../ir/attributes.ts'
import type { DType } from '../ir/dtype.ts'
import type { Dim, Node, Shape, ValueType } from '../ir/value.ts'
import type { Known } from './known.ts'

/** What an operator's inference sees of its node. */
export interface Call {
  readonly node: Node
  /** The version of the node's operator set. */
  readonly opset: number
  /** Number of inputs that are there or left out in the middle. */
  readonly count: number
  has(index: number): boolean
  type(index: number): ValueType | null
  /** `null` when the input is left out, is no tensor or its type is not known. */
  dtype(index: number): DType | null
  shape(index: number): Shape
  /** The content of an input, as far as it is known. */
  known(index: number): Known | null
}

/** Types of the outputs, `null` where nothing is known; missing ones at the end are not known. */
export type Infer = (call: Call) => readonly (ValueType | null)[]

/** The content of the first output, as far as it follows from that of the inputs. */
export type Follow = (call: Call) => Known | null

export interface Operator {
  readonly infer: Infer
  readonly follow?: Follow
  /** The content of all outputs, where there are several. */
  readonly followAll?: (call: Call) => readonly (Known | null)[]
}

export type Family = Readonly<Record<string, Operator>>

/** A tensor type; `null` when the element type is not known. */
export const tensor = (dtype: DType | null, shape: Shape): ValueType | null => (dtype === null ? null : { kind: 'tensor', dtype, shape })

export const unknownOf = (rank: number): readonly Dim[] => new Array<Dim>(rank).fill(null)

/** An axis counted from the front; `null` when it is outside of the rank. */
export function axisOf(axis: number, rank: number): number | null {
  const positive = axis < 0 ? axis + rank : axis
  return positive >= 0 && positive < rank ? positive : null
}

/** Axes from an input (newer operator sets) or an attribute; `undefined` when they are left out, `null` when they are not known. */
export function axesOf(call: Call, input: number): readonly number[] | null | undefined {
  if (call.has(input)) {
    const known = call.known(input)
    return known?.entries.every((entry) => typeof entry === 'number') ? (known.entries as readonly number[]) : null
  }
  return intsOf(call.node, 'axes') ?? undefined
}

/** The output has the type of the first input. */
export const likeFirst: Infer = (call) => [call.type(0)]

export const attribute = (call: Call, name: string, otherwise: number): number => intOf(call.node, name, otherwise)
