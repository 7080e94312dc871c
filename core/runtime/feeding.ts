import { byteLength } from '../ir/dtype.ts'
import { countOf } from '../ir/tensor.ts'
import { castTensor, permuteTensor } from '../observe/layout.ts'
import type { TensorData } from '../observe/reducer.ts'
import { inputProblem } from './failure.ts'
import type { Border, Session } from './ort.ts'
import type { SampleReader } from './samples.ts'
import type { Feeds, InputSource, ObserveRequest, Outputs } from './session.ts'

/** Rows of the samples that one run takes. `fed` passes `real` when a model wants full batches only: the last sample is repeated then. */
export interface Rows {
  readonly from: number
  readonly real: number
  readonly fed: number
}

/** How a session is fed from samples. */
export interface FeedPlan {
  readonly session: Session
  readonly inputs: readonly { readonly border: Border; readonly source: InputSource; readonly sampleAxis: boolean }[]
  /** Samples that every run must have, when the model fixes them. */
  readonly fixed: number | null
}

/** @throws ProblemError when an input has no column */
export function planOf(session: Session, index: number, { samples, io }: ObserveRequest): FeedPlan {
  const inputs = session.inputs.map((border) => {
    const source = io?.[index]?.[border.name] ?? { column: border.name }
    if (source.session !== undefined) return { border, source, sampleAxis: true }
    const column = samples.inputs.find(({ name }) => name === source.column)
    if (column === undefined) throw noColumn(session, border, source.column)
    // A model that takes one sample at a time may lack the axis altogether.
    const sampleAxis = column.whole !== true && (border.dims.length !== column.dims.length || border.dims.length === 0)
    return { border, source, sampleAxis }
  })
  return { session, inputs, fixed: fixedBatch(inputs) }
}

function fixedBatch(inputs: FeedPlan['inputs']): number | null {
  for (const { border, source, sampleAxis } of inputs) {
    if (!sampleAxis) return 1
    const size = source.session === undefined ? border.dims[source.permute?.indexOf(0) ?? 0] : undefined
    if (typeof size === 'number') return size
  }
  return null
}

const noColumn = (session: Session, border: Border, column: string) =>
  inputProblem({
    code: 'missing-column',
    what: `The samples have no column '${column}' for the model's input '${border.name}'`,
    where: { file: session.spec.model, tensor: border.name },
    mend: 'Add it to the dataset, or generate it.',
  })

/** How many samples each run takes. A batch that a model fixes wins over the one asked for. */
export function batchOf(plans: readonly FeedPlan[], asked: number): { readonly size: number; readonly fixed: boolean } {
  const sizes = [...new Set(plans.flatMap(({ fixed }) => fixed ?? []))]
  if (sizes.length <= 1) return { size: sizes[0] ?? Math.max(1, asked), fixed: sizes.length === 1 }
  throw inputProblem({
    code: 'batch-sizes-differ',
    what: `The models fix batches of ${sizes.join(' and ')} samples, so that their values cannot be compared sample by sample`,
    where: {},
    mend: 'Give both the same batch, or a symbolic one.',
  })
}

/** Where the values of a run come from. */
export interface Given {
  readonly samples: SampleReader
  /** What the sessions before this one gave for the same rows. */
  readonly outputs: readonly Outputs[]
}

/** The feeds of one run. */
export async function feedsOf({ inputs }: FeedPlan, { samples, outputs }: Given, rows: Rows): Promise<Feeds> {
  const feeds: Record<string, TensorData> = {}
  for (const { border, source, sampleAxis } of inputs) {
    const chained = source.session === undefined ? undefined : outputs[source.session]?.[source.column]
    const read = chained ?? padded(await samples.read(source.column, rows.from, rows.real), rows.fed)
    const moved = source.permute === undefined ? read : permuteTensor(read, source.permute)
    const cast = source.cast === undefined ? moved : castTensor(moved, source.cast)
    feeds[border.name] = sampleAxis ? cast : { ...cast, dims: cast.dims.slice(1) }
  }
  return feeds
}

/** Repeats the last row until there are `rows`. */
function padded(tensor: TensorData, rows: number): TensorData {
  const [real = 0, ...rest] = tensor.dims
  if (real === rows) return tensor
  const rowBytes = byteLength(tensor.dtype, countOf(rest))
  const data = new Uint8Array(rows * rowBytes)
  data.set(tensor.data)
  for (let row = real; row < rows; row++) data.set(tensor.data.subarray((real - 1) * rowBytes), row * rowBytes)
  return { dtype: tensor.dtype, dims: [rows, ...rest], data }
}

/** Takes the repeated samples off again, where the first axis is that of the samples. */
export function trimmed(tensor: TensorData, { real, fed }: Rows): TensorData {
  if (real === fed || tensor.dims[0] !== fed) return tensor
  const dims = [real, ...tensor.dims.slice(1)]
  return { dtype: tensor.dtype, dims, data: tensor.data.subarray(0, byteLength(tensor.dtype, countOf(dims))) }
}
