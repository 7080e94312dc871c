import { ProblemError } from '../api/problem.ts'
import { sampleAxes } from '../axes/sample-axes.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import type { Dim } from '../ir/value.ts'
import type { SampleTable } from '../runtime/session.ts'
import { symbolsOf } from '../shapes/dim.ts'

/** The size of each symbol of the inputs, by name. */
export type Sizes = Readonly<Record<string, number>>

/** A size that a file gives as a name of digits, as some exporters write it. */
const isWritten = (dim: Dim): boolean => typeof dim === 'string' && /^\d+$/.test(dim)

/**
 * The model with a name for every open size of its inputs that has none: `<input>_<axis>`. A name that is a number is that number. The model
 * itself where all have names.
 * @throws ProblemError for an input of which not even the number of axes is known
 */
export function withNamedSizes(model: Model): Model {
  const isOpen = (dim: Dim): boolean => dim === null || (typeof dim === 'number' && dim < 0)
  for (const { name, type, initializer } of model.graph.inputs)
    if (initializer === null && type?.kind === 'tensor' && type.shape === null) throw unranked(name)
  if (!shapesOf(model.graph).some(({ shape }) => shape.some((dim) => isOpen(dim) || isWritten(dim)))) return model
  const copy = model.fork()
  for (const input of copy.graph.inputs) {
    if (input.type?.kind !== 'tensor' || input.type.shape === null) continue
    const prefix = input.name.replace(/\W/g, '_')
    const named = input.type.shape.map((dim, axis) => (isOpen(dim) ? `${prefix}_${axis}` : isWritten(dim) ? Number(dim) : dim))
    copy.graph.setType(input, { ...input.type, shape: named })
  }
  return copy
}

/** Symbols that count samples. */
const batchSymbols = ({ graph }: Model): string[] => [...sampleAxes(graph).symbols]

export interface SizeWishes {
  readonly asked: Sizes
  readonly samples: SampleTable | null
  /** The number of samples stays open unless it was asked for. */
  readonly openBatch?: boolean
}

/**
 * The sizes that a format without open shapes gets: one sample, then what was asked for, then what the samples have.
 * @throws ProblemError naming the symbols that neither says.
 */
export function fixedSizes(model: Model, { asked, samples, openBatch = false }: SizeWishes): Sizes {
  refuseUnknown(model, asked)
  const batch = batchSymbols(model)
  const fromSamples = sampleSizes(model.graph, samples)
  for (const each of batch) delete fromSamples[each]
  const ones = openBatch ? {} : Object.fromEntries(batch.map((each) => [each, 1]))
  const sizes: Record<string, number> = { ...fromSamples, ...ones, ...asked }
  const open = symbolsIn(model).filter((symbol) => sizes[symbol] === undefined && !(openBatch && batch.includes(symbol)))
  if (open.length === 0) return sizes
  throw new ProblemError({
    kind: 'usage',
    code: 'open-sizes',
    what: `A .tflite file wants fixed shapes, and the model leaves ${open.map((symbol) => `'${symbol}'`).join(', ')} open`,
    where: {},
    mend: `Give the sizes, such as --size ${open[0]}=128, or --verify a dataset, whose samples say them.`,
  })
}

/** A copy of a model whose inputs have these sizes, so that made-up samples fit; the model itself where none is asked for. */
export function withSizes(model: Model, sizes: Sizes): Model {
  if (Object.keys(sizes).length === 0) return model
  const copy = withNamedSizes(model).fork()
  for (const input of copy.graph.inputs) {
    if (input.type?.kind !== 'tensor' || input.type.shape === null) continue
    copy.graph.setType(input, {
      ...input.type,
      shape: input.type.shape.map((dim) => (typeof dim === 'string' ? (sizes[dim] ?? dim) : dim)),
    })
  }
  return copy
}

/** The sizes as one reads them, the batch left out where it is 1. */
export function sizesNote(model: Model, sizes: Sizes): string[] {
  const entries = Object.entries(sizes)
  const batch = new Set(batchSymbols(model))
  const others = entries.filter(([symbol]) => !batch.has(symbol))
  return [
    ...(batch.size > 0 && entries.some(([symbol, size]) => batch.has(symbol) && size === 1) ? ['The batch is fixed at 1.'] : []),
    ...(others.length > 0 ? [`Sizes are fixed: ${others.map(([symbol, size]) => `${symbol} = ${size}`).join(', ')}.`] : []),
  ]
}

const unique = (names: readonly string[]): string[] => [...new Set(names)]

const shapesOf = (graph: Graph) =>
  graph.inputs.flatMap(({ name, type, initializer }) =>
    initializer === null && type?.kind === 'tensor' && type.shape !== null ? [{ name, shape: type.shape }] : [],
  )

const symbolsIn = ({ graph }: Model): string[] => unique(shapesOf(graph).flatMap(({ shape }) => shape.flatMap(symbolsOf)))

/** What one sample says about the symbols behind the axis of samples. */
function sampleSizes(graph: Graph, samples: SampleTable | null): Record<string, number> {
  const sizes: Record<string, number> = {}
  for (const { name, shape } of shapesOf(graph)) {
    const column = samples?.inputs.find((each) => each.name === name)
    if (column === undefined) continue
    const dims = column.whole === true ? column.dims : [1, ...column.dims]
    shape.forEach((dim, axis) => {
      const size = dims[axis]
      if (typeof dim === 'string' && size !== undefined && size > 0) sizes[dim] ??= size
    })
  }
  return sizes
}

const unranked = (input: string): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'unranked-input',
    what: `The number of axes of the input '${input}' is not known`,
    where: { tensor: input },
    mend: 'Export the model with a shape for every input, with names for the sizes that vary.',
  })

function refuseUnknown(model: Model, asked: Sizes): void {
  const symbols = symbolsIn(model)
  const stray = Object.keys(asked).find((symbol) => !symbols.includes(symbol))
  if (stray === undefined) return
  throw new ProblemError({
    kind: 'usage',
    code: 'unknown-size',
    what: `No input has a size named '${stray}'`,
    where: {},
    mend: symbols.length === 0 ? 'All sizes of the inputs are fixed already.' : `The open sizes are: ${symbols.join(', ')}.`,
  })
}
