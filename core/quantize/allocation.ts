/** One unit of layers that must move together, at one precision. */
export interface Choice {
  readonly precision: string
  /** Bytes that the unit's weights take. */
  readonly bytes: number
  /** Error power that it causes in the output when everything else stays in float, over the output's power. */
  readonly noise: number
  /** What a run takes longer than with the unit in float, below 0 where it is faster; 0 where that was not timed. */
  readonly milliseconds: number
}

export interface Unit {
  readonly name: string
  /** From the smallest to the largest in bytes; the last one is float, without noise. */
  readonly choices: readonly Choice[]
}

/** A choice for every unit, in the order of the units. */
export interface Allocation {
  readonly picks: readonly Choice[]
  readonly bytes: number
  /** Sum of the units' noises: they add up where errors are small and independent. */
  readonly noise: number
  /** Sum of the units' times against the float model. */
  readonly milliseconds: number
}

/** What an allocation is to be short of. */
export type Cost = 'bytes' | 'milliseconds'

/**
 * Allocations from the cheapest to all-float, each a step from the one before: the step that takes away most noise for its cost. What
 * neither costs nor is less noisy is skipped, so costs rise and noise falls along the list: the estimated Pareto front.
 */
export function front(units: readonly Unit[], cost: Cost = 'bytes'): Allocation[] {
  const at = units.map(({ choices }) => quietestOfCheapest(choices, cost))
  const list = [allocation(units, at)]
  for (let step = bestStep(units, at, cost); step !== null; step = bestStep(units, at, cost)) {
    at[step.unit] = step.to
    list.push(allocation(units, at))
  }
  return list
}

/** The same with everything in float at the end, where the trials found lowering some unit to lose nothing: what samples do not show may be lost. */
export function endingInFloat(list: readonly Allocation[], units: readonly Unit[]): readonly Allocation[] {
  const float = units.map(({ choices }) => choices.findIndex(({ precision }) => precision === 'float32'))
  const last = allocation(units, float)
  return list.at(-1)?.picks.every(({ precision }) => precision === 'float32') ? list : [...list, last]
}

/** The same with some units in float. */
export function inFloat(units: readonly Unit[], { picks }: Allocation, raised: (unit: number) => boolean): Allocation {
  const wanted = (unit: number) => (raised(unit) ? 'float32' : picks[unit]?.precision)
  return allocation(
    units,
    units.map(({ choices }, unit) => choices.findIndex(({ precision }) => precision === wanted(unit))),
  )
}

/** A dearer choice that is no quieter than a cheaper one is never taken. */
function quietestOfCheapest(choices: readonly Choice[], cost: Cost): number {
  let best = 0
  choices.forEach((choice, index) => {
    const current = choices[best] as Choice
    if (choice[cost] < current[cost] || (choice[cost] === current[cost] && choice.noise < current.noise)) best = index
  })
  return best
}

/** Stands for a cost of nothing: a step that is free is worth most. */
const free = 1e-9

function bestStep(units: readonly Unit[], at: readonly number[], cost: Cost): { unit: number; to: number } | null {
  let best: { unit: number; to: number; worth: number } | null = null
  units.forEach(({ choices }, unit) => {
    const now = choices[at[unit] as number] as Choice
    choices.forEach((next, to) => {
      if (next.noise >= now.noise || next[cost] < now[cost]) return
      const worth = (now.noise - next.noise) / Math.max(free, next[cost] - now[cost])
      if (best === null || worth > best.worth) best = { unit, to, worth }
    })
  })
  return best
}

function allocation(units: readonly Unit[], at: readonly number[]): Allocation {
  const picks = units.map(({ choices }, unit) => choices[at[unit] as number] as Choice)
  const sum = (of: (choice: Choice) => number) => picks.reduce((total, pick) => total + of(pick), 0)
  return {
    picks,
    bytes: sum(({ bytes }) => bytes),
    noise: sum(({ noise }) => noise),
    milliseconds: sum(({ milliseconds }) => milliseconds),
  }
}

/**
 * The first of a list that a test accepts: the very first where that is one, otherwise by bisection, which takes later ones to be accepted when
 * an earlier one is. On few samples that is not always so, and the best is too good to be missed by a chance in the middle.
 */
export async function firstAccepted<T>(list: readonly T[], accepts: (each: T, index: number) => Promise<boolean>): Promise<number> {
  if (list.length < 2 || (await accepts(list[0] as T, 0))) return 0
  let low = 1
  let high = list.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (await accepts(list[middle] as T, middle)) high = middle
    else low = middle + 1
  }
  return low
}
