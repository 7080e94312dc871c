import { ProblemError } from '../api/problem.ts'
import type { Place } from '../pipeline/place.ts'

export function evaluator(_place: Omit<Place, 'evaluate'>): Place['evaluate'] {
  return () => Promise.reject(new ProblemError({ kind: 'unsupported', code: 'x', what: 'x', where: {}, mend: 'x' }))
}
