import type { Labels } from './columns.ts'

/**
 * Labels from the values of a column: numbers as they are, names as their index in the sorted list of names.
 * @param all the whole column, also of rows that are left out: their names count, or leaving one out would move the others
 */
export function labelsFrom(values: readonly unknown[], all: readonly unknown[] = values): Labels {
  const numbers = values.map((value) =>
    typeof value === 'bigint' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : value,
  )
  if (numbers.every((value) => typeof value === 'number' && Number.isFinite(value)))
    return { dims: [], values: Float64Array.from(numbers as number[]) }
  return {
    dims: [],
    values: classIndices(values.map(String), all.filter((value) => value !== undefined && value !== null && value !== '').map(String)),
  }
}

/**
 * Class names as their index in the sorted list of names; names that are numbers sort as numbers.
 * @param all names that there are beside these
 */
export function classIndices(names: readonly string[], all: readonly string[] = names): Float64Array {
  const classes = [...new Set(all)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const index = new Map(classes.map((name, i) => [name, i]))
  return Float64Array.from(names, (name) => index.get(name) as number)
}
