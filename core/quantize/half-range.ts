import type { Model } from '../ir/model.ts'
import type { Node, Value } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import { isFloat32 } from './half-plan.ts'
import { unlessRefused } from './unless-refused.ts'

/** Samples that are looked at: what passes the range by far does so on the first ones. */
const enough = 16
/** The largest float16. */
const largest = 65504
/** Beyond this an element says nothing but that it is masked, for which the lowest half serves as well. */
const maskMagnitude = 1e30

interface Extremes {
  readonly min: readonly number[]
  readonly max: readonly number[]
}

export interface BeyondHalf {
  readonly nodes: ReadonlySet<Node>
  /** Why the samples could not be looked at. */
  readonly refused: string | null
}

/** Nodes of the main graph that read or make values past the range of float16 on the calibration samples; none without samples. */
export async function beyondHalf(model: Model, nodes: ReadonlySet<Node>, context: PassContext): Promise<BeyondHalf> {
  const calibration = context.dataset?.calibration
  if (!calibration) return { nodes: new Set(), refused: null }
  const own = [...nodes].filter((node) => node.graph === model.graph)
  const values = new Set(own.flatMap(computedFloats))
  const count = Math.min(enough, calibration.count)
  const table = { ...calibration, id: `${calibration.id}:${count}`, count }
  const calls = [...values].map(({ name }) => ({ key: name, reducer: 'minmax', values: [{ session: 0, name }] }))
  const looked = await unlessRefused(() => context.observe(model, table, calls))
  if ('refused' in looked) return { nodes: new Set(), refused: looked.refused }
  const beyond = new Set([...values].filter(({ name }) => isBeyond(looked.found[name] as Extremes)))
  return { nodes: new Set(own.filter((node) => computedFloats(node).some((value) => beyond.has(value)))), refused: null }
}

const computedFloats = ({ inputs, outputs }: Node): Value[] =>
  [...inputs, ...outputs].filter(
    (value): value is Value => value !== null && value.name !== '' && value.constant === null && isFloat32(value),
  )

const isBeyond = ({ min: [low = 0], max: [high = 0] }: Extremes): boolean =>
  (high > largest && high < maskMagnitude) || (low < -largest && low > -maskMagnitude)
