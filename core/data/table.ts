import { ProblemError } from '../api/problem.ts'
import { tensorFrom } from '../ir/numbers.ts'
import { countOf } from '../ir/tensor.ts'
import type { SampleColumn } from '../runtime/session.ts'
import { brokenSamples } from './broken.ts'
import type { InputSpec, LoadedSplit } from './columns.ts'
import { labelsFrom } from './labels.ts'
import type { LoadRequest } from './loaders.ts'
import { type Row, readRows, requireColumn } from './rows.ts'

/** Puts columns of a parquet or csv table together into model inputs: their numbers, side by side, in the order that the manifest names. */
export async function loadTable({ file, split, manifest, inputs, store, skipBroken, limit }: LoadRequest): Promise<LoadedSplit> {
  const { dataset } = manifest
  if (dataset.kind !== 'table') throw new TypeError(`a ${dataset.kind} dataset is no table`)
  const all = await readRows(file)
  const rows = all.slice(0, limit)
  for (const column of Object.values(dataset.columns).flat()) requireColumn(rows, column, file)
  if (split.labels !== undefined) requireColumn(rows, split.labels, file)
  const broken = brokenSamples(file, skipBroken)
  const started = performance.now()
  const parsed = rows.map((row) =>
    Object.fromEntries(Object.entries(dataset.columns).map(([input, names]) => [input, numbersOfRow(row, names)])),
  )
  const kept = parsed.flatMap((sample, index) => {
    const bad = Object.entries(sample).find(([, numbers]) => typeof numbers === 'string')
    if (bad === undefined) return [index]
    broken.add(String(index), bad[1] as string)
    return []
  })
  const columns: SampleColumn[] = []
  for (const name of Object.keys(dataset.columns)) {
    const input = inputs.find((each) => each.name === name) ?? unknownInput(name, inputs, manifest.path)
    const values = kept.map((index) => parsed[index]?.[name] as number[])
    const dims = dimsFor(input, values, file)
    const blob = await store.put(tensorFrom(input.dtype, [values.length * countOf(dims)], values.flat()).read())
    columns.push({ name, dtype: input.dtype, dims, file: store.pathOf(blob.id), offset: 0 })
  }
  const labels = split.labels === undefined ? null : labelsFrom(kept.map((index) => rows[index]?.[split.labels as string]))
  return { count: kept.length, available: all.length, columns, labels, notes: broken.notes(), preparationMs: performance.now() - started }
}

/** The numbers of a row, or why they are none. */
function numbersOfRow(row: Row, names: readonly string[]): number[] | string {
  const numbers: number[] = []
  for (const name of names) {
    const value = row[name]
    for (const each of Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as Iterable<unknown>) : [value]) {
      const number = typeof each === 'string' && each.trim() === '' ? Number.NaN : Number(each ?? Number.NaN)
      if (!Number.isFinite(number)) return `column '${name}' holds ${JSON.stringify(each) ?? 'nothing'}, not a number`
      numbers.push(number)
    }
  }
  return numbers
}

/** Dims of a sample: the input's own when the numbers fill them, else one axis (none for a single number where the input has none). */
function dimsFor(input: InputSpec, values: readonly (readonly number[])[], file: string): number[] {
  const width = values[0]?.length ?? 0
  const uneven = values.findIndex((numbers) => numbers.length !== width)
  if (uneven >= 0) {
    const what = `Sample ${uneven} has ${values[uneven]?.length} numbers for input '${input.name}', the first has ${width}`
    throw new ProblemError({
      kind: 'input',
      code: 'lengths-differ',
      what,
      where: { file, tensor: input.name },
      mend: 'Give every sample the same length.',
    })
  }
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
