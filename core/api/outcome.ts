import { layerNames } from './layer-names.ts'
import type { Accuracy } from './measurement.ts'
import { isDistance, metricName, metricText } from './metric.ts'
import type { Candidate, LayerRow } from './report.ts'

/** Outputs nearer than this to those of the source may do; at 15 dB a sixth of their magnitude is error. */
const leastDecibels = 15
/** Share of right answers (0.05 are five points) whose loss nobody takes for the price of a smaller file. */
const mostShare = 0.05
const mostPerplexity = 1.2
/** Share of answers that are those of the source, below which a candidate is another model. */
const leastAgreement = 0.75
const shares: ReadonlySet<string> = new Set(['accuracy', 'top5', 'f1'])
/** Layers that are named as where it comes from. */
const named = 3
/** Layers that lose less by themselves are not what spoils the outputs. */
const harmlessDecibels = 40
/** Outputs that all differ by less are next to 0 themselves where they are this far off in decibels. */
const tiny = 1e-3

/**
 * Why a candidate is of no use as it is, where its outputs have little to do with those of the source any more: by how much, which layers lose
 * most by themselves, and what can be done. `null` where it may do, and where nothing was judged for another reason than that the candidate's
 * outputs are no numbers.
 */
export function whyUnusable({ accuracy, layers }: Pick<Candidate, 'accuracy' | 'layers'>): string | null {
  if ('unavailable' in accuracy) return accuracy.lost ? told(accuracy.unavailable, '', layers) : null
  if (!isLost(accuracy)) return null
  const { metric, baseline, candidate } = accuracy
  const how = isDistance(metric)
    ? `the ${metricName(metric)} of its outputs against those of the source is only ${metricText(metric, candidate, 1)}, on ${accuracy.judgedOn}`
    : `its ${metricName(metric)} is ${metricText(metric, candidate, 4)}, that of the source ${metricText(metric, baseline, 4)}`
  return told(how, smallness(accuracy, layers), layers)
}

function told(how: string, though: string, layers: readonly LayerRow[]): string {
  const losing = culprits(layers)
  const kept = losing === '' ? 'Keep the layers that lose most in float' : 'Keep such layers in float'
  return [`Not usable as it is: ${how}.`, though, losing, `${kept}, ${mend}`].filter((part) => part !== '').join(' ')
}

function isLost({ metric, baseline, candidate, verdict }: Accuracy): boolean {
  if (isDistance(metric)) return candidate < leastDecibels
  if (metric === 'agreement') return candidate < leastAgreement
  if (verdict !== 'worse') return false
  if (shares.has(metric)) return baseline - candidate >= mostShare
  return metric === 'perplexity' && candidate >= mostPerplexity * baseline
}

const mend = 'let mixed-precision find a mixture within a budget, or calibrate on more samples of what the model will see.'

/** Outputs next to 0 (probabilities of what is not there) are far off in decibels by differences that mean nothing. */
function smallness({ metric }: Accuracy, layers: readonly LayerRow[]): string {
  const error = layers.find(({ kind }) => kind === 'whole model')?.error
  if (!isDistance(metric) || error === undefined || 'unavailable' in error || error.maxAbs >= tiny) return ''
  return `No element is off by more than ${error.maxAbs.toPrecision(1)}, though: the outputs are next to 0 on these samples, and others, on which the model finds something, would tell more.`
}

function culprits(layers: readonly LayerRow[]): string {
  const losing = layers
    .flatMap(({ kind, names, error }) =>
      kind !== 'layer' || 'unavailable' in error || error.local === null || error.local >= harmlessDecibels
        ? []
        : [{ names, decibels: error.local }],
    )
    .sort((a, b) => a.decibels - b.decibels)
    .slice(0, named)
    .map(({ names, decibels }) => `${layerNames(names).slice(0, 1).join('')} (${decibels.toFixed(1)} dB)`)
  return losing.length === 0 ? '' : `By themselves lose most: ${losing.join(', ')}.`
}
