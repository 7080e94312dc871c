import { ProblemError } from '../api/problem.ts'
import { isFloat } from '../ir/dtype.ts'
import { tensorFrom } from '../ir/numbers.ts'
import { countOf } from '../ir/tensor.ts'
import type { SampleColumn } from '../runtime/session.ts'
import { brokenSamples } from './broken.ts'
import type { InputSpec, LoadedSplit } from './columns.ts'
import { labelsOfRows } from './labels.ts'
import type { LoadRequest } from './loaders.ts'
import { type Row, readRows, requireColumn, unlabelled } from './rows.ts'

/** Puts columns of a parquet or csv table together into model inputs: their numbers, side by side, in the order that the manifest names. */
export async function loadTable({ file, split, manifest, inputs, store, skipBroken, limit }: LoadRequest): Promise<LoadedSplit> {
  const { dataset } = manifest
  if (dataset.kind !== 'table') throw new TypeError(`a ${dataset.kind} dataset is no table`)
  const table = await readRows(file)
  const rows = table.rows.slice(0, limit)
  for (const column of Object.values(dataset.columns).flat()) requireColumn(table, column, file)
  if (split.labels !== undefined) requireColumn(table, split.labels, file)
  const targets = Object.entries(dataset.columns).map(([name, from]) => ({
    input: inputs.find((each) => each.name === name) ?? unknownInput(name, inputs, manifest.path),
    from,
  }))
  const broken = brokenSamples(file, skipBroken)
  const started = performance.now()
  const kept: number[] = []
  const values = new Map(targets.map(({ input }): [string, number[][]] => [input.name, []]))
  for (const [index, row] of rows.entries()) {
    const why = table.broken.get(index) ?? (split.labels === undefined ? null : unlabelled(row, split.labels))
    const sample = why === null ? targets.map(({ input, from }) => numbersOfRow(row, from, input)) : []
    const uneven = targets.map(({ input }, at) => unlike(sample[at], values.get(input.name)?.[0], input.name))
    const wrong = why ?? sample.find((numbers) => typeof numbers === 'string') ?? uneven.find((reason) => reason !== null)
    if (typeof wrong === 'string') broken.add(String(index), wrong)
    else {
      kept.push(index)
      for (const [at, { input }] of targets.entries()) values.get(input.name)?.push(sample[at] as number[])
    }
  }
  const columns: SampleColumn[] = []
  for (const { input } of targets) {
    const numbers = values.get(input.name) ?? []
    const dims = dimsFor(input, numbers[0]?.length ?? 0)
    const blob = await store.put(tensorFrom(input.dtype, [numbers.length * countOf(dims)], numbers.flat()).read())
    columns.push({ name: input.name, dtype: input.dtype, dims, file: store.pathOf(blob.id), offset: 0 })
  }
  const labels = labelsOfRows(table.rows, kept, split.labels, { classes: dataset.classes, manifest: manifest.path })
  return {
    count: kept.length,
    available: table.rows.length,
    columns,
    labels,
    notes: broken.notes(),
    preparationMs: performance.now() - started,
  }
}

/** The numbers of a row, or why they are none. */
function numbersOfRow(row: Row, names: readonly string[], { dtype }: InputSpec): number[] | string {
  const whole = !isFloat(dtype)
  const numbers: number[] = []
  for (const name of names) {
    const value = row[name]
    for (const each of Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as Iterable<unknown>) : [value]) {
      const number = typeof each === 'string' && each.trim() === '' ? Number.NaN : Number(each ?? Number.NaN)
      if (!Number.isFinite(number)) return `column '${name}' holds ${JSON.stringify(each) ?? 'nothing'}, not a number`
      if (whole && !Number.isInteger(number)) return `column '${name}' holds ${number}, the model takes whole numbers (${dtype})`
      numbers.push(number)
    }
  }
  return numbers
}

/** Why a sample does not stand beside the first one, `null` when it does. */
function unlike(numbers: number[] | string | undefined, first: readonly number[] | undefined, input: string): string | null {
  if (!Array.isArray(numbers) || first === undefined || numbers.length === first.length) return null
  return `it has ${numbers.length} numbers for input '${input}', the first has ${first.length}`
}

/** Dims of a sample: the input's own when the numbers fill them, else one axis (none for a single number where the input has none). */
function dimsFor(input: InputSpec, width: number): number[] {
  const own = input.shape?.slice(1) ?? [null]
  const open = own.filter((dim) => typeof dim !== 'number').length
  const fixed = countOf(own.filter((dim) => typeof dim === 'number'))
  if (open === 0 && fixed === width) return own as number[]
  if (open === 1 && width % fixed === 0) return own.map((dim) => (typeof dim === 'number' ? dim : width / fixed))
  return [width]
}

function unknownInput(name: string, inputs: readonly InputSpec[], file: string): never {
  throw new ProblemError({
    kind: 'input',
    code: 'no-such-input',
    what: `"columns" names input '${name}', which the model does not have`,
    where: { file, path: `columns.${name}` },
    mend: `Name one of ${inputs.map((input) => input.name).join(', ')}.`,
  })
}
