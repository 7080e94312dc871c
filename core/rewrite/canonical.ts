import { any, maybe, op } from './pattern.ts'

// The canonical operators with all inputs that they can have: where whoever lowers or expands one begins. What they mean stands in docs/architecture.md.

export const canonicalAttention = op(
  'lathe.Attention',
  [any('query'), any('key'), any('value'), maybe(any('mask')), maybe(any('pastKey')), maybe(any('pastValue'))],
  'attention',
)

export const canonicalRotary = op('lathe.Rotary', [any('x'), any('cos'), any('sin')], 'rotary')

export const canonicalNorm = op('lathe.Norm', [any('x'), maybe(any('scale')), maybe(any('shift'))], 'norm')

export const canonicalActivation = op('lathe.Activation', [any('x')], 'activation')
