import { ProblemError } from '../api/problem.ts'
import type { Labels } from './columns.ts'
import type { Row } from './rows.ts'

/** Where names come from, and what numbers they have. */
export interface Naming {
  /** Names in the order of their numbers, as the manifest gives them; the sorted names unless given. */
  readonly classes: readonly string[] | undefined
  /** Path of the manifest. */
  readonly manifest: string
}

/**
 * Labels of the rows that are kept, by their indices; `null` where no column holds any.
 * @param rows all of the file: what is left out counts among the names of classes
 */
export function labelsOfRows(rows: readonly Row[], kept: readonly number[], column: string | undefined, naming: Naming): Labels | null {
  if (column === undefined) return null
  const labels = rows.map((row) => row[column])
  return labelsFrom(
    kept.map((index) => labels[index]),
    labels,
    naming,
  )
}

/**
 * Labels from the values of a column: numbers as they are, names as the numbers of their classes. Numbers that are all names of classes are names.
 * @param all the whole column, also of rows that are left out: their names count, or leaving one out would move the others
 */
function labelsFrom(values: readonly unknown[], all: readonly unknown[], naming: Naming): Labels {
  const known = new Set(naming.classes)
  const numbers = values.map((value) =>
    typeof value === 'bigint' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : value,
  )
  const plain = numbers.every((value) => typeof value === 'number' && Number.isFinite(value))
  if (plain && !values.every((value) => known.has(String(value)))) return { dims: [], values: Float64Array.from(numbers as number[]) }
  const named = all.filter((value) => value !== undefined && value !== null && value !== '')
  return classLabels(values.map(String), named.map(String), naming)
}

/**
 * Class names as the numbers of their classes.
 * @param all the names of all samples, also of those that are left out
 * @throws ProblemError `unknown-class` for a name that the manifest's classes lack
 */
export function classLabels(names: readonly string[], all: readonly string[], { classes, manifest }: Naming): Labels {
  const found = sortedNames(all)
  const unknown = classes === undefined ? undefined : found.find((name) => !classes.includes(name))
  if (unknown !== undefined)
    throw new ProblemError({
      kind: 'input',
      code: 'unknown-class',
      what: `There are samples of '${unknown}', which is none of the classes of the manifest`,
      where: { file: manifest, path: 'classes' },
      mend: `Add it where the model has it among its outputs, or mend the label. The manifest has ${(classes ?? []).slice(0, 20).join(', ')}.`,
    })
  const order = classes ?? found
  const index = new Map(order.map((name, i) => [name, i]))
  return { dims: [], values: Float64Array.from(names, (name) => index.get(name) as number), named: { classes: order, found } }
}

/**
 * Names once each: numbers by their size, all else by code points, capitals first, as the tools sort that number classes for training (Python's
 * `sorted`, scikit-learn's LabelEncoder, torchvision's ImageFolder).
 */
export function sortedNames(names: readonly string[]): string[] {
  const each = [...new Set(names)]
  if (each.every((name) => /^\d+$/.test(name))) return each.sort((a, b) => Number(a) - Number(b))
  return each.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** Splits whose labels are read. */
const judged = ['evaluation', 'selection'] as const

/**
 * Where the manifest names no classes, each split numbers the names that it holds. A split without one that another has would number all behind it
 * otherwise than the model does, and the figures would be wrong without a sign. Nothing reads the labels of calibration samples: they may lack some.
 * @throws ProblemError `classes-differ`
 */
export function requireSameClasses(
  splits: Readonly<Record<'calibration' | (typeof judged)[number], Labels | null>>,
  { classes, manifest }: Naming,
): void {
  if (classes !== undefined) return
  const named = Object.entries(splits).flatMap(([split, labels]) => (labels?.named ? [{ split, found: labels.named.found }] : []))
  for (const split of judged) {
    const found = splits[split]?.named?.found
    const other = named.find((each) => found !== undefined && each.found.some((name) => !found.includes(name)))
    if (found === undefined || other === undefined) continue
    const missing = other.found.filter((name) => !found.includes(name))
    throw new ProblemError({
      kind: 'input',
      code: 'classes-differ',
      what: `The ${split} samples have no '${missing[0]}', which the ${other.split} samples have, so that the two would number their classes differently`,
      where: { file: manifest, path: 'classes' },
      mend: 'Give the names of all classes, in the order of the outputs of the model, under "classes".',
      details: `Only the ${other.split} samples have: ${missing.join(', ')}`,
    })
  }
}
