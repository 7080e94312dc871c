import { ProblemError } from '../api/problem.ts'
import { sampleAxes } from '../axes/sample-axes.ts'
import { byteLength, isFloat } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { tensorFrom } from '../ir/numbers.ts'
import { countOf } from '../ir/tensor.ts'
import type { Value } from '../ir/value.ts'
import { passedTypes, type SampleColumn } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import type { InputSpec } from './columns.ts'
import { type DimSizes, sampleDims } from './dims.ts'
import { impliedElements } from './implied.ts'
import { isDivisor, smallestTable } from './index-range.ts'
import { type Random, seeded } from './random.ts'

export interface GenerateRequest {
  readonly graph: Graph
  /** The inputs to make up. */
  readonly inputs: readonly InputSpec[]
  readonly count: number
  readonly seed: number
  /** Sizes of symbolic dims, as far as the given samples or the user say. */
  readonly sizes: DimSizes
  readonly store: Store
}

/** Elements of all samples of one input that are made up at most; they are drawn as doubles, 2 GiB of them. */
const mostElements = 2 ** 28

/** Integers that index nothing we can see stay below this. */
const unindexedBelow = 2

/**
 * Samples for inputs that the dataset lacks: shapes and steps are those that the declared outputs imply, caches named `past...` are empty, masks are ones, positions count up, a sampling rate is 16 kHz, other integers stay
 * below the smallest table that they index and, where something is divided by them, above 0; floats are N(0, 1). The same seed gives the same samples.
 * @throws ProblemError of kind `unsupported` for text, and for types that the runtime cannot be given
 */
export async function generateColumns(request: GenerateRequest): Promise<SampleColumn[]> {
  const columns: SampleColumn[] = []
  const axes = sampleAxes(request.graph)
  for (const [position, input] of request.inputs.entries()) {
    if (input.dtype === 'string') throw textInput(input)
    if (!passedTypes.has(input.dtype)) throw unfeedable(input)
    const { dims, whole } = sampleDims(input, request.sizes, axes.of.get(input.name) ?? null)
    const value = request.graph.inputs.find(({ name }) => name === input.name) ?? null
    const draw = elementsFor(input, value, seeded(request.seed + 7919 * position))
    const size = countOf(dims)
    const elements = size * request.count
    if (elements > mostElements) throw tooLarge(input, dims, request.count)
    const values = new Float64Array(elements)
    for (let i = 0; i < values.length; i++) values[i] = draw(i % size, dims)
    const blob = await request.store.put(tensorFrom(input.dtype, [values.length], values).read())
    columns.push({
      name: input.name,
      dtype: input.dtype,
      dims,
      file: request.store.pathOf(blob.id),
      offset: 0,
      ...(whole ? { whole } : {}),
    })
  }
  return columns
}

/** Models of sound that take their rate take this one. */
const sampleRate = /^(sr|rate|sampl\w*_?rate)$/i
const usualRate = 16_000

/** The element at a flat position of one sample. */
type Draw = (position: number, dims: readonly number[]) => number

function elementsFor(input: InputSpec, value: Value | null, random: Random): Draw {
  const implied = value === null ? null : impliedElements(value)
  if (implied !== null && implied.length > 0) return (position) => implied[position % implied.length] as number
  if (/mask/i.test(input.name)) return () => 1
  if (isFloat(input.dtype)) return () => random.normal()
  if (input.dtype === 'bool') return () => random.integer(2)
  if (/position/i.test(input.name)) return (position, dims) => position % (dims.at(-1) ?? 1)
  if (sampleRate.test(input.name)) return () => usualRate
  const below = (value === null ? null : smallestTable(value)) ?? unindexedBelow
  const least = value !== null && isDivisor(value) ? 1 : 0
  return () => least + random.integer(below)
}

/** How the generated inputs are told in a report. */
export const generatedNote = (inputs: readonly InputSpec[], seed: number): string =>
  `The dataset has nothing for ${inputs.map(({ name }) => name).join(', ')}: made up from type and shape with seed ${seed}.`

const textInput = ({ name }: InputSpec) =>
  new ProblemError({
    kind: 'unsupported',
    code: 'text-input',
    what: `Input '${name}' takes text, for which no sample can be made up`,
    where: { tensor: name },
    mend: 'Models with text inputs can be opened, changed and exported, but not measured.',
  })

function tooLarge({ name, dtype }: InputSpec, dims: readonly number[], count: number): ProblemError {
  const gibibytes = byteLength(dtype, countOf(dims) * count) / 2 ** 30
  return new ProblemError({
    kind: 'unsupported',
    code: 'input-too-large',
    what: `Input '${name}' is ${dtype}[${dims.join(', ')}]: ${count} ${count === 1 ? 'sample' : 'samples'} of it would be ${gibibytes.toPrecision(3)} GiB, too much to make up`,
    where: { tensor: name },
    mend: 'Give it smaller sizes with freeze-shapes where they are open, or give samples with --data.',
  })
}

const unfeedable = ({ name, dtype }: InputSpec) =>
  new ProblemError({
    kind: 'unsupported',
    code: 'unfeedable-input',
    what: `Input '${name}' takes ${dtype}, which onnxruntime for Node cannot be given`,
    where: { tensor: name },
    mend: 'The model can be changed and exported; to measure it, put a Cast or DequantizeLinear behind an input of another type.',
  })
