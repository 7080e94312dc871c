import { any, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

export const dropSingleInput = rule({
  id: 'drop-single-input',
  summary: 'Concat, Sum, Max, Min and Mean of one input are that input.',
  fidelity: 'exact',
  pattern: op(['Concat', 'Sum', 'Max', 'Min', 'Mean'], [any('x')]),
  rewrite: ({ x }) => x,
})
