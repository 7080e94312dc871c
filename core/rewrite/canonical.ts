import type { DType } from '../ir/dtype.ts'
import type { Dim } from '../ir/value.ts'
import { any, maybe, op } from './pattern.ts'

// The canonical operators with all inputs that they can have: where whoever lowers or expands one begins. What they mean stands in docs/architecture.md.

export const canonicalAttention = op(
  'lathe.Attention',
  [any('query'), any('key'), any('value'), maybe(any('mask')), maybe(any('pastKey')), maybe(any('pastValue'))],
  'attention',
)

/** What the sizes of an attention of one head are, for whoever decides whether it pays as one operator. */
export interface SingleHead {
  /** How many sequences attend, 1 where there is no axis for them. */
  readonly sequences: Dim
  readonly queries: Dim
  readonly keys: Dim
  /** Of queries and keys, and of values. */
  readonly size: number
  readonly valueSize: number
  readonly dtype: DType | null
  readonly masked: boolean
  readonly softcapped: boolean
  /** It has no axis for sequences, and needs views. */
  readonly bare: boolean
}

export const canonicalRotary = op('lathe.Rotary', [any('x'), any('cos'), any('sin')], 'rotary')

export const canonicalNorm = op('lathe.Norm', [any('x'), maybe(any('scale')), maybe(any('shift'))], 'norm')

export const canonicalActivation = op('lathe.Activation', [any('x')], 'activation')
