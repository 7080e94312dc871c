import { quantity } from '../api/quantity.ts'

/** A count with its noun and its verb, given as one does it and as several do: `1 node stays`, `2 nodes stay`. */
export const doing = (count: number, noun: string, [one, several]: readonly [string, string]): string =>
  `${quantity(count, noun)} ${count === 1 ? one : several}`
