import type { Metric } from '../api/dataset.ts'
import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { judgeSamples } from '../measure/accuracy.ts'
import { inputSources } from '../pipeline/borders.ts'
import { type Place, sessionOf } from '../pipeline/place.ts'
import { candidateBorders } from './measured.ts'

const lowerIsBetter: ReadonlySet<Metric['kind']> = new Set(['perplexity', 'mse'])

/** Samples in one run; the runtime keeps to the model's own batch where that is fixed. */
const batch = 16

/** The dataset's metric of a model on the samples that searches may look at, judged as deployed and against the opened model where the metric needs one. */
export function evaluator(place: Omit<Place, 'evaluate'>, source: Model): Place['evaluate'] {
  return async (model, borders) => {
    const { data, runtime, seed } = place
    const samples = data?.selection ?? null
    if (data === null || samples === null) throw noSamples()
    const output = data.metric.output ?? source.graph.outputs[0]?.name ?? ''
    const reference = sessionOf(place, await place.workbench.fileOf(source), 'all')
    return place.workbench.withFile(model, async (path) => {
      const candidate = {
        session: sessionOf(place, path, 'all'),
        sources: inputSources(borders),
        output: candidateBorders(borders).output(output),
      }
      const bench = { runtime, provider: place.provider, threads: place.threads }
      const { accuracy: judged, losses } = await judgeSamples({
        baseline: { session: reference, sources: {}, output },
        candidate,
        samples,
        metric: data.metric,
        batch,
        seed,
        bench,
      })
      if ('unavailable' in judged) throw unmeasurable(judged.unavailable)
      return {
        metric: data.metric.kind,
        value: judged.candidate,
        higherIsBetter: !lowerIsBetter.has(data.metric.kind),
        samples: samples.table.count,
        losses,
      }
    })
  }
}

function noSamples(): ProblemError {
  return new ProblemError({
    kind: 'input',
    code: 'no-selection',
    what: 'This pass searches by accuracy, and there are no samples that it may look at',
    where: {},
    mend: 'Give a dataset with evaluation (or selection) samples with --data.',
  })
}

function unmeasurable(reason: string): ProblemError {
  return new ProblemError({
    kind: 'runtime',
    code: 'not-evaluated',
    what: `The metric could not be taken: ${reason}`,
    where: {},
    mend: 'Check that the dataset fits the model.',
  })
}
