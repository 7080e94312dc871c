import { closeSync, openSync, readSync } from 'node:fs'
import { byteLength } from '../ir/dtype.ts'
import type { Model } from '../ir/model.ts'
import { countOf } from '../ir/tensor.ts'
import type { PassContext } from '../pass.ts'

type Feeds = Parameters<PassContext['execute']>[1]
type SampleTable = NonNullable<NonNullable<PassContext['dataset']>['calibration']>

/** The first sample of a table, or as many as the model takes in a run. */
export const firstSample = (table: SampleTable, model: Model): Feeds => feedsOf(table, 0, fixedRows(table, model) ?? 1)

/** Samples that every run of a model takes, where its inputs fix that: one where an input has no axis of samples. */
function fixedRows({ inputs }: SampleTable, { graph }: Model): number | null {
  if (inputs.some(({ whole }) => whole)) return 1
  for (const { name } of inputs) {
    const type = graph.inputs.find((input) => input.name === name)?.type
    const rows = type?.kind === 'tensor' ? type.shape?.[0] : null
    if (typeof rows === 'number') return rows
  }
  return null
}

/** Samples of one run at most, and bytes of their inputs: what runs at once is in memory at once. */
const together = { samples: 32, bytes: 16e6 }

export interface Batches {
  /** Samples in all. */
  readonly count: number
  /** Reads them anew each time. */
  feeds(): Iterable<Feeds>
  /** The samples of each run: where they begin, and how many they are. */
  readonly runs: readonly { readonly from: number; readonly rows: number }[]
}

/** The first samples of a table in batches that fit memory, or as large as the model wants them. */
export function firstSamples(table: SampleTable, most: number, model: Model): Batches {
  const { count, inputs } = table
  const fixed = fixedRows(table, model)
  const given = Math.min(count, most)
  const samples = fixed === null ? given : fixed * Math.max(1, Math.floor(given / fixed))
  const bytes = inputs.reduce((sum, { dtype, dims }) => sum + byteLength(dtype, countOf(dims)), 0)
  const rows = fixed ?? Math.max(1, Math.min(together.samples, Math.floor(together.bytes / Math.max(1, bytes))))
  const runs = Array.from({ length: Math.ceil(samples / rows) }, (_, at) => ({
    from: at * rows,
    rows: Math.min(rows, samples - at * rows),
  }))
  return {
    count: Math.min(samples, given),
    runs,
    *feeds() {
      for (const run of runs) yield feedsOf(table, run.from, run.rows)
    },
  }
}

/** Where a model takes more samples in a run than there are, the last is repeated. */
function feedsOf({ inputs, count }: SampleTable, from: number, rows: number): Feeds {
  const real = Math.min(rows, count - from)
  const feeds = inputs.map(({ name, dtype, dims, file, offset, whole }) => {
    const shape = whole ? dims : [rows, ...dims]
    const each = byteLength(dtype, countOf(dims))
    const data = read(file, offset + from * each, each * real)
    return [name, { dtype, dims: shape, data: rows === real ? data : padded(data, each, rows) }] as const
  })
  return Object.fromEntries(feeds)
}

function padded(data: Uint8Array, each: number, rows: number): Uint8Array {
  const all = new Uint8Array(each * rows)
  all.set(data)
  for (let at = data.length; at < all.length; at += each) all.set(data.subarray(data.length - each), at)
  return all
}

function read(path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const file = openSync(path, 'r')
  try {
    for (let done = 0; done < length; ) {
      const taken = readSync(file, bytes, done, length - done, offset + done)
      if (taken === 0) throw new RangeError(`${path} ends before its samples`)
      done += taken
    }
    return bytes
  } finally {
    closeSync(file)
  }
}
