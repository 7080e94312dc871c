import { any, oneOf, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

const twice = (type: string) => op(type, [op(type, [any('x')], { shared: true })])

export const cancelInverses = rule({
  id: 'cancel-inverses',
  summary: 'Two negations, or two logical negations, are none.',
  fidelity: 'exact',
  pattern: oneOf(twice('Neg'), twice('Not')),
  rewrite: ({ x }) => x,
})
