import { ProblemError } from '../api/problem.ts'
import type { Sensitivity, SensitivityRow, TrialError } from '../api/sensitivity.ts'
import type { Model } from '../ir/model.ts'
import { referencesOf } from '../ir/reference.ts'
import type { NodeId } from '../ir/value.ts'
import type { Allocation, Choice } from '../quantize/allocation.ts'
import { type Compared, decibels } from '../quantize/judgement.ts'
import type { Assignment, LowPrecision, MixedUnit, Precision } from '../quantize/mixture.ts'
import { activationsRounded, weightsRounded } from '../quantize/rounded-apart.ts'
import { Workers } from '../quantize/workers.ts'
import { wantsSpeed } from './mixed-options.ts'
import { assignmentTo, mixture, type Search } from './mixed-search.ts'
import { precisionsOf, type Trials } from './mixed-trials.ts'

/** What the search decided, for the study to tell beside what it finds. */
export interface Decision {
  readonly list: readonly Allocation[]
  readonly index: number
  readonly assignment: Assignment
}

/**
 * What is worth knowing of each unit besides what the choice rests on: what all others do without it, what its weights and its activations do
 * apart, its effect on the metric. The loudest units come first, as long as `studySeconds` last.
 */
export async function studyOf(search: Search, trials: Trials, { list, index, assignment }: Decision): Promise<Sensitivity> {
  const { units, chosen, model } = search
  const allowed = units.filter((unit) => precisionsOf(unit, search).length > 0)
  const lowest = new Map(allowed.map((unit) => [unit, precisionsOf(unit, search)[0] as LowPrecision]))
  const loudness = (unit: MixedUnit) => lowChoice(unit, search, trials)?.noise ?? 0
  const ordered = [...allowed].sort((a, b) => loudness(b) - loudness(a))
  const study = new Study(search, trials, lowest)
  const everything = await study.everything()
  const float = await study.floatMetric()
  const references = referencesOf(model)
  const names = new Map(model.graph.nodes.map((node) => [node.id, references.get(node) ?? `#${node.id}`]))
  const rows: SensitivityRow[] = []
  for (const unit of ordered) {
    const precision = lowest.get(unit) as LowPrecision
    rows.push({
      nodes: unit.nodes.map((id) => names.get(id) ?? `#${id}`),
      kind: unit.kind,
      weights: unit.weights,
      precision,
      chosen: assignment.get(unit.nodes[0] as string) ?? 'float32',
      estimateDb: estimateOf(unit, trials),
      ...(await study.of(unit)),
      members: await study.members(unit, names),
      ...(wantsSpeed(chosen.budget) ? { milliseconds: lowChoice(unit, search, trials)?.milliseconds ?? 0 } : {}),
    })
  }
  return {
    samples: trials.samples,
    metric: float,
    rows,
    everything,
    front: frontOf(list, index, wantsSpeed(chosen.budget)),
  }
}

const lowChoice = (unit: MixedUnit, search: Search, { units }: Trials): Choice | undefined => {
  const wanted = precisionsOf(unit, search)[0]
  return units[search.units.indexOf(unit)]?.choices.find(({ precision }) => precision === wanted)
}

function estimateOf(unit: MixedUnit, { estimates }: Trials): SensitivityRow['estimateDb'] {
  const found = estimates.get(unit)
  const inDecibels = (noise: number | undefined) => (noise === undefined || noise === 0 ? null : decibels(noise))
  return { weights: inDecibels(found?.weights), activations: inDecibels(found?.activations) }
}

/** Points of a long front that are told. */
const mostPoints = 64

function frontOf(list: readonly Allocation[], index: number, timed: boolean): Sensitivity['front'] {
  const step = Math.max(1, Math.ceil(list.length / mostPoints))
  return list
    .map(({ bytes, noise, milliseconds }, at) => ({
      bytes,
      sqnrDb: noise === 0 ? null : decibels(noise),
      ...(timed ? { milliseconds } : {}),
      chosen: at === index,
    }))
    .filter(({ chosen }, at) => chosen || at % step === 0 || at === list.length - 1)
}

type Found = Pick<SensitivityRow, 'alone' | 'allOthers' | 'weightsAlone' | 'activationsAlone'>

class Study {
  readonly #search: Search
  readonly #trials: Trials
  readonly #lowest: ReadonlyMap<MixedUnit, LowPrecision>
  readonly #end: number
  #measurable = false

  constructor(search: Search, trials: Trials, lowest: ReadonlyMap<MixedUnit, LowPrecision>) {
    this.#search = search
    this.#trials = trials
    this.#lowest = lowest
    this.#end = performance.now() + 1000 * search.chosen.studySeconds
  }

  everything(): Promise<TrialError | null> {
    return this.#tried(() => this.#mixture(this.#lowest))
  }

  async floatMetric(): Promise<Sensitivity['metric']> {
    const found = await this.#evaluated(async () => this.#search.model)
    this.#measurable = found !== null
    return found && { name: found.metric, float: found.value }
  }

  async of(unit: MixedUnit): Promise<Found> {
    const { model, context } = this.#search
    const precision = this.#lowest.get(unit) as LowPrecision
    const known = this.#trials.alone.get(unit)
    const others = new Map([...this.#lowest].filter(([each]) => each !== unit))
    const workers = new Workers({ signal: context.signal })
    try {
      return {
        alone:
          known === undefined ? null : { ...errorOf(known), ...(await this.#metric(() => this.#mixture(new Map([[unit, precision]])))) },
        allOthers: others.size === 0 ? null : await this.#tried(() => this.#mixture(others)),
        weightsAlone: unit.kind === 'recurrent' ? null : await this.#tried(() => weightsRounded(model, unit.nodes, precision, workers)),
        activationsAlone:
          unit.kind === 'recurrent' || model.opset < 11 ? null : await this.#tried(async () => activationsRounded(model, unit.nodes)),
      }
    } finally {
      workers.close()
    }
  }

  /** Each node of a unit of several, alone. */
  async members(unit: MixedUnit, names: ReadonlyMap<NodeId, string>): Promise<SensitivityRow['members']> {
    const { nodes } = unit
    if (nodes.length < 2) return []
    const precision = this.#lowest.get(unit) as LowPrecision
    const members: SensitivityRow['members'] = []
    for (const id of nodes) {
      const alone = await this.#tried(() => mixture(this.#search, new Map([[id, precision]]), 'trial'))
      members.push({ node: names.get(id) ?? `#${id}`, alone })
    }
    return members
  }

  #mixture(precisions: ReadonlyMap<MixedUnit, Precision>): Promise<Model> {
    return mixture(this.#search, assignmentTo(precisions), 'trial')
  }

  async #tried(make: () => Promise<Model>): Promise<TrialError | null> {
    if (!this.#timeLeft()) return null
    return errorOf(await this.#trials.against(await make()))
  }

  async #metric(make: () => Promise<Model>): Promise<{ metric?: number }> {
    const found = this.#measurable ? await this.#evaluated(make) : null
    return found === null ? {} : { metric: found.value }
  }

  /** `null` where there is nothing to judge by: that the choice is made must not be lost to a figure beside it. */
  async #evaluated(make: () => Promise<Model>): Promise<{ readonly metric: string; readonly value: number } | null> {
    const { context } = this.#search
    if (!this.#timeLeft() || !context.dataset?.selection) return null
    try {
      const score = await context.evaluate(await make())
      return Number.isFinite(score.value) ? score : null
    } catch (error) {
      if (error instanceof ProblemError && error.problem.kind !== 'cancelled') return null
      throw error
    }
  }

  #timeLeft(): boolean {
    this.#search.context.signal.throwIfAborted()
    return performance.now() < this.#end
  }
}

const errorOf = ({ noise, cosine }: Compared): TrialError => ({ sqnrDb: noise === 0 ? null : decibels(noise), cosine })
