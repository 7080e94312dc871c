import { ProblemError } from '../api/problem.ts'
import { bitsOf, byteLength, type DType } from '../ir/dtype.ts'
import { numbersOf, tensorFrom } from '../ir/numbers.ts'
import { countOf, tensorOf } from '../ir/tensor.ts'
import type { SampleColumn } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import type { InputSpec, LoadedSplit } from './columns.ts'
import { readRange } from './range.ts'

/** Element types that are turned into another without loss (narrowing integers is checked element by element). */
const casts: Partial<Record<DType, readonly DType[]>> = {
  int64: ['int32'],
  int32: ['int64'],
  uint8: ['int32', 'int64', 'float32', 'bool'],
  int8: ['int32', 'int64', 'float32'],
  bool: ['int32', 'int64', 'uint8', 'float32'],
  float64: ['float32'],
  float32: ['float64', 'float16'],
  float16: ['float32'],
}

export interface FitRequest {
  /** The file that the split came from, for problems. */
  readonly file: string
  readonly split: LoadedSplit
  readonly inputs: readonly InputSpec[]
  readonly store: Store
}

/**
 * The columns that the model takes, checked against its inputs: dims must fit, element types fit or are cast. Columns that no input is
 * named after are left out.
 */
export async function fitColumns({ file, split, inputs, store }: FitRequest): Promise<{ columns: SampleColumn[]; notes: string[] }> {
  const columns: SampleColumn[] = []
  const notes: string[] = []
  for (const input of inputs) {
    const column = split.columns.find(({ name }) => name === input.name)
    if (column === undefined) continue
    const whole = checkDims(column, input, file)
    const fitted = column.dtype === input.dtype ? column : await cast({ column, input, file, store, count: split.count })
    if (fitted !== column) notes.push(`${input.name}: ${column.dtype} samples were turned into ${input.dtype}.`)
    columns.push(whole ? { ...fitted, whole } : fitted)
  }
  if (columns.length > 0 || inputs.length === 0) return { columns, notes }
  const found = split.columns.map(({ name }) => name).join(', ') || 'nothing'
  const what = `The dataset has ${found}, but the model takes ${inputs.map(({ name }) => name).join(', ')}`
  throw misfit({ file, code: 'no-matching-array', what, mend: 'Name the arrays like the inputs of the model.' })
}

/** Whether one sample is the whole input. @throws ProblemError `shape-mismatch` when dims do not fit */
export function checkDims(column: Pick<SampleColumn, 'name' | 'dims'>, input: InputSpec, file: string): boolean {
  if (input.shape === null) return false
  const fits = (shape: readonly (number | string | null)[]) =>
    shape.length === column.dims.length && shape.every((dim, axis) => typeof dim !== 'number' || dim === column.dims[axis])
  const [batch, ...sample] = input.shape
  if (batch !== undefined && fits(sample)) return false
  if (fits(input.shape)) return true
  const expected = `[${sample.map((dim) => dim ?? '?').join(', ')}]`
  throw misfit({
    file,
    tensor: column.name,
    code: 'shape-mismatch',
    what: `Array '${column.name}' has samples of [${column.dims.join(', ')}], the model expects ${expected} for '${input.name}'`,
    mend: 'Give samples of that shape, with the samples along the first axis.',
  })
}

interface CastRequest {
  readonly column: SampleColumn
  readonly input: InputSpec
  readonly file: string
  readonly store: Store
  readonly count: number
}

async function cast({ column, input, file, store, count }: CastRequest): Promise<SampleColumn> {
  const to = input.dtype
  if (casts[column.dtype]?.includes(to) !== true) {
    const what = `Array '${column.name}' holds ${column.dtype}, the model expects ${to}`
    throw misfit({ file, tensor: column.name, code: 'type-mismatch', what, mend: `Save the array as ${to}.` })
  }
  const perSample = countOf(column.dims)
  const bytes = byteLength(column.dtype, perSample)
  async function* converted(): AsyncGenerator<Uint8Array> {
    for (let sample = 0; sample < count; sample++) {
      const raw = await readRange(column.file, column.offset + sample * bytes, column.offset + (sample + 1) * bytes)
      const values = numbersOf(tensorOf(column.dtype, [perSample], raw))
      checkRange({ values, to, column, file, sample })
      yield tensorFrom(to, [perSample], values).read()
    }
  }
  const blob = await store.put(converted())
  return { ...column, dtype: to, file: store.pathOf(blob.id), offset: 0 }
}

interface RangeCheck {
  readonly values: Float64Array
  readonly to: DType
  readonly column: SampleColumn
  readonly file: string
  readonly sample: number
}

function checkRange({ values, to, column, file, sample }: RangeCheck): void {
  if (to !== 'int32') return
  const limit = 2 ** (bitsOf(to) - 1)
  const outside = values.find((value) => value < -limit || value >= limit)
  if (outside === undefined) return
  const what = `Sample ${sample} of array '${column.name}' holds ${outside}, which ${to} cannot hold`
  throw misfit({ file, tensor: column.name, code: 'type-mismatch', what, mend: 'Mend the sample; the model takes smaller numbers.' })
}

function misfit({ file, tensor, code, what, mend }: { file: string; tensor?: string; code: string; what: string; mend: string }) {
  return new ProblemError({ kind: 'input', code, what, where: { file, ...(tensor === undefined ? {} : { tensor }) }, mend })
}
