import { any, oneOf, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

const twice = (type: string) => op(type, [op(type, [any('x')], { name: 'inner', shared: true })])

export const mergeRepeats = rule({
  id: 'merge-repeats',
  summary: 'Relu, Abs, Floor, Ceil, Round or Sign of itself is itself.',
  fidelity: 'exact',
  pattern: oneOf(twice('Relu'), twice('Abs'), twice('Floor'), twice('Ceil'), twice('Round'), twice('Sign')),
  rewrite: ({ inner }) => inner.outputs[0] as NonNullable<(typeof inner.outputs)[0]>,
})
