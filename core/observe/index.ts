import { ProblemError } from '../api/problem.ts'
import { minmax } from './minmax.ts'
import type { Reducer } from './reducer.ts'

/** Options and state are each reducer's own affair: the process that runs them only hands them back. */
const opaque = <Options, State, Result>(reducer: Reducer<Options, State, Result>): Reducer<unknown, unknown, unknown> =>
  reducer as unknown as Reducer<unknown, unknown, unknown>

const all = [opaque(minmax)]

const byId = new Map(all.map((reducer) => [reducer.id, reducer]))

/** @throws ProblemError when no reducer has the id */
export function reducerOf(id: string): Reducer<unknown, unknown, unknown> {
  const reducer = byId.get(id)
  if (reducer !== undefined) return reducer
  throw new ProblemError({
    kind: 'usage',
    code: 'unknown-reducer',
    what: `There is no reducer '${id}'`,
    where: {},
    mend: `Use one of ${[...byId.keys()].join(', ')}.`,
  })
}
