import { quantity } from '../api/quantity.ts'
import type { Allocation, Unit } from '../quantize/allocation.ts'
import { decibelText } from '../quantize/judgement.ts'
import type { MixedUnit } from '../quantize/mixture.ts'
import { megabytes } from './mixed-budget.ts'
import { wantsSpeed } from './mixed-options.ts'
import type { Search } from './mixed-search.ts'
import type { Trials } from './mixed-trials.ts'

/** Points of the front that are named in the report. */
const shownPoints = 6

/** The front, and what was picked of it. */
export interface Picked {
  readonly tried: readonly Unit[]
  readonly list: readonly Allocation[]
  readonly pick: Allocation
}

/** What was chosen and what could have been, as sentences. */
export function describe({ units, chosen }: Search, { alone }: Trials, { tried, list, pick }: Picked): string[] {
  const counts = new Map<string, number>()
  for (const { precision } of pick.picks) counts.set(precision, (counts.get(precision) ?? 0) + 1)
  const mixtureText = [...counts].map(([precision, count]) => `${count} in ${precision}`).join(', ')
  const loudest = tried
    .map(({ name, choices }) => ({ name, noise: choices[0]?.noise ?? 0 }))
    .sort((a, b) => b.noise - a.noise)
    .slice(0, 3)
  const step = Math.max(1, Math.floor(list.length / shownPoints))
  const timed = wantsSpeed(chosen.budget)
  const points = list
    .filter((_, index) => index % step === 0)
    .map((each) => `${timed ? timeText(each) : `${megabytes(each)} MB`} at ${decibelText(each.noise)}`)
  const untried = units.filter((unit, index) => !alone.has(unit) && (tried[index]?.choices.length ?? 0) > 1).length
  const unknown = tried.filter(({ choices }) => choices.length === 1).length
  return [
    `Of ${quantity(units.length, 'unit')} ${mixtureText}; the weights take ${megabytes(pick)} MB.`,
    ...(untried === 0
      ? []
      : [
          `For want of time ${untried === 1 ? '1 of them was taken at its estimate' : `${untried} of them were taken at their estimates`}.`,
        ]),
    ...(unknown === 0
      ? []
      : [`In float, because no precision that was asked for fits or there was no time to try any: ${quantity(unknown, 'unit')}.`]),
    ...attentionChoice(units, tried, pick),
    `Most sensitive: ${loudest.map(({ name, noise }) => `${name} (${decibelText(noise)} alone)`).join('; ')}.`,
    `Estimated front: ${points.join(', ')}.`,
  ]
}

const timeText = ({ milliseconds }: Allocation): string => `${milliseconds > 0 ? '+' : ''}${milliseconds.toFixed(3)} ms`

/** What it would take and bring to leave the projections of attention (products that share an input) in float. */
function attentionChoice(units: readonly MixedUnit[], tried: readonly Unit[], { picks, bytes, noise }: Allocation): string[] {
  const projections = units.flatMap(({ kind, nodes }, index) => (kind === 'product' && nodes.length >= 3 ? index : []))
  const lowered = projections.filter((index) => picks[index]?.precision !== 'float32')
  if (lowered.length === 0) return []
  const float = (index: number) => tried[index]?.choices.find(({ precision }) => precision === 'float32')
  const change = (of: 'bytes' | 'noise') => lowered.reduce((sum, index) => sum + (float(index)?.[of] ?? 0) - (picks[index]?.[of] ?? 0), 0)
  const raised = { bytes: bytes + change('bytes'), noise: Math.max(0, noise + change('noise')) }
  return [
    `With query, key and value in float (${quantity(lowered.length, 'unit')}) an estimated ${decibelText(raised.noise)} at ${megabytes(raised)} MB instead of ${decibelText(noise)}.`,
  ]
}
