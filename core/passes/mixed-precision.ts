import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { onePart, type Pass } from '../pass.ts'
import { type Allocation, endingInFloat, front, inFloat, type Unit } from '../quantize/allocation.ts'
import { keptNodes } from '../quantize/keep.ts'
import { unitsOf } from '../quantize/mixture.ts'
import { nothingToQuantize, refuseQuantized } from '../quantize/problems.ts'
import { perChannelOpset, raiseToLeast, whyNotRaised } from './least-opset.ts'
import { type Chosen, choose } from './mixed-budget.ts'
import { describe } from './mixed-notes.ts'
import { type MixedOptions, mixedOptions, wantsSpeed } from './mixed-options.ts'
import { assignmentOf, judgedOutput, mixture, remembering, type Search } from './mixed-search.ts'
import { speedOf, timedUnits, withoutSlower } from './mixed-speed.ts'
import { studyOf } from './mixed-study.ts'
import { tryEach } from './mixed-trials.ts'

export const mixedPrecision: Pass<MixedOptions> = {
  id: 'mixed-precision',
  version: 16,
  title: 'Mix precisions',
  summary:
    'Finds, by trying each layer alone, which layers can go to lower precision within a budget, and verifies it on samples the search never saw.',
  family: 'precision',
  fidelity: 'lossy',
  options: mixedOptions,
  pointless: (model, { keep }) =>
    unitsOf(model, keptNodes(model, keep), true).length === 0 ? nothingToQuantize(model) : whyNotRaised(model, perChannelOpset),
  atMost: (model, { keep, precisions }) =>
    unitsOf(model, keptNodes(model, keep), precisions.includes('int8')).reduce((sum, { nodes }) => sum + nodes.length, 0),
  check(model, _options, { calibration }) {
    if (!calibration) throw noSamples()
    refuseQuantized(model)
  },
  async run(model, chosen, context) {
    if (!context.dataset?.calibration) throw noSamples()
    refuseQuantized(model)
    // Trials name nodes: what raising replaces is replaced before.
    raiseToLeast(model, perChannelOpset)
    const keep = keptNodes(model, chosen.keep)
    const units = unitsOf(model, keep, chosen.precisions.includes('int8'))
    const search: Search = { model, chosen, context: remembering(context), units, kept: [...keep].map(({ id }) => `#${id}`) }
    const trials = await tryEach(search, context)
    const fast = wantsSpeed(chosen.budget)
    const tried = fast ? await timedUnits(search, trials.units) : trials.units
    const list = endingInFloat(front(tried, fast ? 'milliseconds' : 'bytes'), tried)
    const choice = await choose(search, list)
    const { index } = choice
    const { pick, verified, figures } = await settle(search, tried, list[index] as Allocation, choice)
    const assignment = assignmentOf(units, pick)
    const result = await mixture(search, assignment, 'result')
    const blind = new Set([...judgedBy(model), ...trials.notes, ...choice.notes])
    const notes = [...blind, ...describe(search, trials, { tried, list, pick }), verified, ...figures]
    if (fast) notes.push(await speedOf(search, result))
    const sensitivity = await studyOf(search, { ...trials, units: tried }, { list, index, assignment })
    return { ...onePart(result, result !== model, notes), sensitivity }
  },
}

/** Which output the decibels are of, where that is not the first. */
function judgedBy(model: Model): string[] {
  const name = judgedOutput(model)
  return name === model.graph.outputs[0]?.name ? [] : [`Layers are judged by the output '${name}', the first one of floats.`]
}

interface Settled {
  readonly pick: Allocation
  readonly verified: string
  readonly figures: readonly string[]
}

/** What goes back to float for its time is judged again: figures are those of what is written, and it must keep to the budget as well. */
async function settle(
  search: Search,
  tried: readonly Unit[],
  first: Allocation,
  { verified, judge }: Pick<Chosen, 'verified' | 'judge'>,
): Promise<Settled> {
  const before = assignmentOf(search.units, first)
  const { assignment, figures } = await withoutSlower(search, before)
  const raised = search.units.map(({ nodes }) => nodes.some((id) => assignment.get(id) !== before.get(id)))
  if (!raised.includes(true)) return { pick: first, verified, figures }
  const pick = inFloat(tried, first, (unit) => raised[unit] === true)
  const { within, said } = await judge(pick)
  if (within) return { pick, verified: said, figures }
  const stay = 'Layers that are slower in low precision on this machine stay there: with them in float the budget is not kept.'
  return { pick: first, verified, figures: [stay] }
}

const noSamples = (): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'no-calibration-data',
    what: 'Mixing precisions needs samples to try each layer on, and there are none',
    where: { path: 'calibration' },
    mend: 'Give a dataset with a `calibration` entry (--data).',
  })
