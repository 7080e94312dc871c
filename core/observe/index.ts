import { ProblemError } from '../api/problem.ts'
import { agreement } from './agreement.ts'
import { channelNoise } from './channel-noise.ts'
import { classification } from './classification.ts'
import { entropy } from './entropy.ts'
import { finiteness } from './finiteness.ts'
import { gram } from './gram.ts'
import { histogram } from './histogram.ts'
import { means } from './means.ts'
import { minmax } from './minmax.ts'
import { movingAverage } from './moving-average.ts'
import { mseThreshold } from './mse-threshold.ts'
import { outliers } from './outliers.ts'
import { patchGram } from './patch-gram.ts'
import { percentile } from './percentile.ts'
import { perplexity } from './perplexity.ts'
import type { Reducer } from './reducer.ts'
import { regression } from './regression.ts'
import { sketch } from './sketch.ts'
import { sqnr } from './sqnr.ts'

/** Options and state are each reducer's own affair: the process that runs them only hands them back. */
const opaque = <Options, State, Result>(reducer: Reducer<Options, State, Result>): Reducer<unknown, unknown, unknown> =>
  reducer as unknown as Reducer<unknown, unknown, unknown>

const all = [
  opaque(agreement),
  opaque(channelNoise),
  opaque(classification),
  opaque(entropy),
  opaque(finiteness),
  opaque(gram),
  opaque(histogram),
  opaque(means),
  opaque(minmax),
  opaque(movingAverage),
  opaque(mseThreshold),
  opaque(outliers),
  opaque(patchGram),
  opaque(percentile),
  opaque(perplexity),
  opaque(regression),
  opaque(sketch),
  opaque(sqnr),
]

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
