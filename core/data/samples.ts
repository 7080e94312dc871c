import { createHash } from 'node:crypto'
import { byteLength } from '../ir/dtype.ts'
import { countOf } from '../ir/tensor.ts'
import type { Feeds, SampleColumn, SampleTable } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import type { Labels } from './columns.ts'
import { seeded, shuffled } from './random.ts'
import { readChunks, readRange } from './range.ts'

/** Samples of one purpose, with their labels. */
export interface Samples {
  readonly table: SampleTable
  readonly labels: Labels | null
  /** The labels as a raw column, so that reducers can read them next to the outputs. */
  readonly labelColumn: SampleColumn | null
  /** As a report says it: `evaluation half not used by searches`, `random inputs, seed 7`. */
  readonly description: string
}

/** Bytes of one sample of a column. */
export const sampleBytes = (column: SampleColumn): number => byteLength(column.dtype, countOf(column.dims))

/** A table over columns; its id is the hash of names, types, dims and content. */
async function tableOf(columns: readonly SampleColumn[], count: number): Promise<SampleTable> {
  const hash = createHash('sha256')
  for (const column of columns) {
    hash.update(JSON.stringify([column.name, column.dtype, column.dims, column.whole ?? false, count]))
    for await (const chunk of readChunks(column.file, column.offset, column.offset + count * sampleBytes(column))) hash.update(chunk)
  }
  return { id: hash.digest('hex'), count, inputs: columns }
}

/** Name of the column of labels; no model has an input of that name. */
export const labelColumnName = '@labels'

/** Columns and labels as samples of one purpose. */
export async function samplesOf(columns: readonly SampleColumn[], labels: Labels | null, context: SampleContext): Promise<Samples> {
  const { count, description, store } = context
  const table = await tableOf(columns, count)
  if (labels === null) return { table, labels, labelColumn: null, description }
  const blob = await store.put(new Uint8Array(labels.values.slice().buffer))
  const labelColumn: SampleColumn = { name: labelColumnName, dtype: 'float64', dims: labels.dims, file: store.pathOf(blob.id), offset: 0 }
  return { table, labels, labelColumn, description }
}

export interface SampleContext {
  readonly count: number
  readonly description: string
  readonly store: Store
}

/** The table with the column of labels, for reducers that compare outputs with them. */
export const withLabels = ({ table, labelColumn }: Samples): SampleTable =>
  labelColumn === null ? table : { ...table, inputs: [...table.inputs, labelColumn] }

/** The samples at some positions, copied into the store. */
export async function pick(
  samples: Samples,
  positions: readonly number[],
  context: { description: string; store: Store },
): Promise<Samples> {
  const { store, description } = context
  const columns: SampleColumn[] = []
  for (const column of samples.table.inputs) {
    const blob = await store.put(rows(column, positions))
    columns.push({ ...column, file: store.pathOf(blob.id), offset: 0 })
  }
  return samplesOf(columns, pickLabels(samples.labels, positions), { count: positions.length, description, store })
}

async function* rows(column: SampleColumn, positions: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = sampleBytes(column)
  for (const position of positions)
    yield await readRange(column.file, column.offset + position * bytes, column.offset + (position + 1) * bytes)
}

function pickLabels(labels: Labels | null, positions: readonly number[]): Labels | null {
  if (labels === null) return null
  const width = countOf(labels.dims)
  const values = new Float64Array(width * positions.length)
  positions.forEach((position, to) => {
    values.set(labels.values.subarray(position * width, (position + 1) * width), to * width)
  })
  return { ...labels, values }
}

/** Two seeded halves: what searches may look at, and what final figures come from. A single sample cannot be halved. */
export async function halves(samples: Samples, seed: number, store: Store): Promise<{ selection: Samples; final: Samples } | null> {
  const { count } = samples.table
  if (count < 2) return null
  const order = shuffled(count, seeded(seed))
  const sorted = (part: number[]) => part.sort((a, b) => a - b)
  const selection = sorted(order.slice(0, Math.floor(count / 2)))
  const final = sorted(order.slice(Math.floor(count / 2)))
  return {
    selection: await pick(samples, selection, { description: `selection half, seed ${seed}`, store }),
    final: await pick(samples, final, { description: `evaluation half not used by searches, seed ${seed}`, store }),
  }
}

/** One run's feeds: `count` samples from position `from`, wrapping around at the end of the table. */
export async function feedsOf(table: SampleTable, from: number, count: number): Promise<Feeds> {
  const feeds: Record<string, Feeds[string]> = {}
  for (const column of table.inputs) {
    const bytes = sampleBytes(column)
    const taken = column.whole === true ? 1 : count
    const data = new Uint8Array(bytes * taken)
    for (let i = 0; i < taken; i++) {
      const at = column.offset + ((from + i) % table.count) * bytes
      data.set(await readRange(column.file, at, at + bytes), i * bytes)
    }
    feeds[column.name] = { dtype: column.dtype, dims: column.whole === true ? column.dims : [count, ...column.dims], data }
  }
  return feeds
}
