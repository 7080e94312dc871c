import type { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import type { Unit } from '../quantize/allocation.ts'
import { type Assignment, bytesAt, type MixedUnit, type Precision } from '../quantize/mixture.ts'
import { weightedAmong } from '../quantize/rounded-apart.ts'
import { firstSample } from '../quantize/sample-feeds.ts'
import { comparedBy } from '../quantize/slower.ts'
import { inferShapes } from '../shapes/infer.ts'
import { assignmentTo, calibrationOf, mixture, type Search } from './mixed-search.ts'
import { precisionsOf } from './mixed-trials.ts'

/**
 * Units with what each costs in time at each precision, against float. Units of one shape are alike and are timed together, so that a small
 * gain stands out; convolutions hand 8-bit values to each other, so all of them are timed at once and share the gain by their multiplications.
 * Where the difference is no more than noise it counts as none.
 */
export async function timedUnits(search: Search, tried: readonly Unit[]): Promise<readonly Unit[]> {
  const { units, chosen, context } = search
  const feeds = firstSample(calibrationOf(search), search.model)
  const shares = sharesOf(search)
  const milliseconds = new Map<MixedUnit, Map<string, number>>()
  const started = performance.now()
  for (const group of groupsOf(search)) {
    for (const precision of precisionsOf(group[0] as MixedUnit, search)) {
      context.signal.throwIfAborted()
      if (performance.now() - started > 1000 * chosen.seconds) break
      const lowered = await mixture(search, assignmentTo(new Map(group.map((unit) => [unit, precision]))), 'trial')
      const { before, after, verdict } = await comparedBy(() => context.time([search.model.fork(), lowered], feeds))
      const gain = verdict === 'unclear' ? 0 : after - before
      const whole = group.reduce((sum, unit) => sum + (shares.get(unit) as number), 0)
      for (const unit of group) {
        const known = milliseconds.get(unit) ?? new Map<string, number>()
        milliseconds.set(unit, known.set(precision, (gain * (shares.get(unit) as number)) / whole))
      }
    }
  }
  return tried.map(({ name, choices }, index) => {
    const known = milliseconds.get(units[index] as MixedUnit)
    return { name, choices: choices.map((choice) => ({ ...choice, milliseconds: known?.get(choice.precision) ?? 0 })) }
  })
}

/** Multiplications of each unit for one sample, as far as shapes tell; its weights else. */
function sharesOf({ model, units }: Search): ReadonlyMap<MixedUnit, number> {
  const version = model.fork()
  inferShapes(version)
  return new Map(
    units.map((unit) => [
      unit,
      unit.kind === 'recurrent'
        ? unit.weights
        : weightedAmong(version, unit.nodes).reduce(
            (sum, { kind, found }) => sum + found.matrix.channels * found.matrix.depth * places(found.node, kind),
            0,
          ),
    ]),
  )
}

/** Positions at which a convolution's weights are used. */
function places({ outputs }: Node, kind: MixedUnit['kind']): number {
  const type = outputs[0]?.type
  if (kind === 'product' || type?.kind !== 'tensor' || type.shape == null) return 1
  return type.shape.slice(2).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1)
}

/** Units that are timed together. */
function groupsOf({ model, units }: Search): MixedUnit[][] {
  const groups = new Map<string, MixedUnit[]>()
  for (const unit of units) {
    const key = unit.kind === 'product' ? shapeOf(unit, model) : unit.kind
    groups.set(key, [...(groups.get(key) ?? []), unit])
  }
  return [...groups.values()]
}

const shapeOf = ({ nodes }: MixedUnit, model: Model): string =>
  weightedAmong(model, nodes)
    .map(({ found }) => `${found.node.opType} ${found.matrix.layout} ${found.tensor.ref.dims.join('x')}`)
    .join(', ')

/** How fast a version is beside the float model, as a sentence. */
export async function speedOf(search: Search, version: Model): Promise<string> {
  const feeds = firstSample(calibrationOf(search), search.model)
  const { before, after, verdict } = await comparedBy(() => search.context.time([search.model.fork(), version], feeds))
  const words = `A run takes ${after.toFixed(3)} ms, in float ${before.toFixed(3)} ms`
  return verdict === 'unclear' ? `${words}: no more than noise on this machine.` : `${words}.`
}

interface Reverted {
  readonly assignment: Assignment
  /** A sentence for each unit that went back, with both times. */
  readonly figures: readonly string[]
}

/** Time for looking for layers that are slower in low precision: most models have none, and nobody waits for that gladly. */
const longestMilliseconds = 60_000

/**
 * Leaves in float what is slower in low precision: kind by kind, the smallest first, each against the best version so far. Layers of one
 * shape are alike: together they stand out where one does not. Two timings must agree, and in both the whole model is what is timed.
 */
export async function withoutSlower(search: Search, assignment: Assignment): Promise<Reverted> {
  const { units, chosen, context } = search
  if (!chosen.revertSlower) return { assignment, figures: [] }
  const feeds = firstSample(calibrationOf(search), search.model)
  const figures: string[] = []
  // How weights are rounded changes no time.
  let best = { assignment, model: await mixture(search, assignment, 'trial') }
  const started = performance.now()
  const lowered = units.filter(({ nodes }) => nodes.some((id) => assignment.get(id) !== 'float32'))
  for (const alike of alikeUnits(search, lowered)) {
    context.signal.throwIfAborted()
    if (performance.now() - started > Math.min(longestMilliseconds, 1000 * chosen.seconds)) {
      figures.push('Not all layers were timed for want of time.')
      break
    }
    const raised = alike.reduce((sum, unit) => sum + raise(unit, best.assignment), 0)
    if ('megabytes' in chosen.budget && bytesOf(units, best.assignment) + raised > chosen.budget.megabytes * 1e6) continue
    const nodes = alike.flatMap((unit) => unit.nodes)
    const reverted: Assignment = new Map([...best.assignment, ...nodes.map((id) => [id, 'float32'] as const)])
    const model = await mixture(search, reverted, 'trial')
    const timed = () => comparedBy(() => context.time([best.model, model], feeds))
    const { before, after, verdict } = await timed()
    if (verdict !== 'faster' || (await timed()).verdict !== 'faster') continue
    best = { assignment: reverted, model }
    figures.push(
      `${namesOf(alike)} back in float: a run takes ${after.toFixed(3)} ms instead of ${before.toFixed(3)} ms on this machine, with ${(raised / 1e6).toFixed(2)} MB more.`,
    )
  }
  if (figures.length === 0) figures.push('No layer is slower in low precision than in float on this machine.')
  return { assignment: best.assignment, figures }
}

/** Units by shape, those with the fewest weights first: what is small gains least from fewer bits. */
function alikeUnits({ model }: Search, units: readonly MixedUnit[]): MixedUnit[][] {
  const groups = new Map<string, MixedUnit[]>()
  for (const unit of units) {
    const key = unit.kind === 'convolution' ? kernelOf(unit, model) : shapeOf(unit, model)
    groups.set(key, [...(groups.get(key) ?? []), unit])
  }
  return [...groups.values()].sort((a, b) => (a[0] as MixedUnit).weights - (b[0] as MixedUnit).weights)
}

/** Convolutions with one kernel size are run by one kernel of the runtime, whatever their channels. */
const kernelOf = ({ nodes }: MixedUnit, model: Model): string =>
  weightedAmong(model, nodes)
    .map(
      ({ kind, found }) =>
        `${kind === 'convolution' && found.depthwise ? 'depthwise' : 'dense'} ${found.tensor.ref.dims.slice(2).join('x')}`,
    )
    .join(', ')

/** Units that a sentence names before it only counts the rest. */
const named = 3

function namesOf(units: readonly MixedUnit[]): string {
  const shown = units.slice(0, named).map(({ name }) => name)
  const rest = units.length - shown.length
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''} ${units.length === 1 ? 'is' : 'are'}`
}

const precisionIn = ({ nodes }: MixedUnit, assignment: Assignment): Precision => assignment.get(nodes[0] as string) ?? 'float32'

/** Bytes that a unit takes more in float. */
const raise = (unit: MixedUnit, assignment: Assignment): number => bytesAt(unit, 'float32') - bytesAt(unit, precisionIn(unit, assignment))

const bytesOf = (units: readonly MixedUnit[], assignment: Assignment): number =>
  units.reduce((sum, unit) => sum + bytesAt(unit, precisionIn(unit, assignment)), 0)
