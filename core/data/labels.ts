import type { Labels } from './columns.ts'

/** Labels from the values of a column: numbers as they are, names as their index in the sorted list of names. */
export function labelsFrom(values: readonly unknown[]): Labels {
  const numbers = values.map((value) =>
    typeof value === 'bigint' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : value,
  )
  if (numbers.every((value) => typeof value === 'number' && Number.isFinite(value)))
    return { dims: [], values: Float64Array.from(numbers as number[]) }
  return { dims: [], values: classIndices(values.map(String)) }
}

/** Class names as their index in the sorted list of names; names that are numbers sort as numbers. */
export function classIndices(names: readonly string[]): Float64Array {
  const classes = [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const index = new Map(classes.map((name, i) => [name, i]))
  return Float64Array.from(names, (name) => index.get(name) as number)
}
