import { z } from 'zod'
import { ProblemError } from '../api/problem.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import type { Dim, Value } from '../ir/value.ts'
import { graphsOf } from '../ir/walk.ts'
import { onePart, type Pass } from '../pass.ts'
import { drive } from '../rewrite/drive.ts'
import { tidy } from '../rules/tidy/index.ts'
import { evaluateDim, symbolsOf } from '../shapes/dim.ts'
import { inferShapes } from '../shapes/infer.ts'

const options = z.strictObject({
  sizes: z
    .record(z.string(), z.number().int().positive())
    .default({})
    .meta({ title: 'Sizes', description: 'The size of each symbol of the inputs, such as { "batch": 1, "sequence": 128 }.' }),
  rest: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .meta({ title: 'All others', description: 'The size of every symbol, and of every unnamed open size, that is not listed.' }),
})

type Options = z.infer<typeof options>

export const freezeShapes: Pass<Options> = {
  id: 'freeze-shapes',
  version: 2,
  title: 'Freeze shapes',
  summary: 'Gives symbols of the input shapes fixed sizes, so that everything that hangs on them is known.',
  family: 'tidy',
  fidelity: 'rounding',
  options,
  pointless: (model) => (openSizes(model).length === 0 ? 'Every input already has a fixed shape.' : null),
  async run(model, given, { signal }) {
    const sizes = sizesFor(model, given)
    const changed = model.graph.inputs.filter((input) => freeze(input, sizes, given.rest)).length > 0
    if (!changed) return onePart(model, false, ['No symbol of the inputs was given a size.'])
    forget(model)
    const shapes = inferShapes(model)
    drive(model, tidy, { infer: shapes.node, tick: () => signal.throwIfAborted() })
    return onePart(model, true)
  },
}

/** Symbols of the inputs, and `null` for each open size without a name. */
function openSizes(model: Model): readonly Dim[] {
  return model.graph.inputs.flatMap(({ type }) =>
    type?.kind === 'tensor' ? (type.shape ?? []).filter((dim) => typeof dim !== 'number') : [],
  )
}

function sizesFor(model: Model, { sizes, rest }: Options): ReadonlyMap<string, number> {
  const symbols = new Set(openSizes(model).flatMap(symbolsOf))
  for (const symbol of Object.keys(sizes)) {
    if (!symbols.has(symbol)) {
      throw new ProblemError({
        kind: 'input',
        code: 'no-such-symbol',
        what: `No input has a size called '${symbol}'`,
        where: { path: `options.sizes.${symbol}` },
        mend: symbols.size === 0 ? 'Its shapes are fixed already.' : `Its symbols are ${[...symbols].join(', ')}.`,
      })
    }
  }
  const others = rest === null ? [] : [...symbols].map((symbol): [string, number] => [symbol, rest])
  return new Map([...others, ...Object.entries(sizes)])
}

function freeze(input: Value, sizes: ReadonlyMap<string, number>, rest: number | null): boolean {
  if (input.type?.kind !== 'tensor' || input.type.shape === null) return false
  const shape = input.type.shape.map((dim): Dim => (dim === null ? rest : (evaluateDim(dim, sizes) ?? dim)))
  if (shape.every((dim, i) => dim === (input.type as { shape: readonly Dim[] }).shape[i])) return false
  input.graph.setType(input, { ...input.type, shape })
  return true
}

/** What the file said about computed values was said with the symbols; they are inferred anew. */
function forget(model: Model): void {
  const clear = (graph: Graph) => {
    for (const node of graph.nodes) {
      for (const output of node.outputs)
        if (output.type?.kind === 'tensor' && output.name !== '') graph.setType(output, { ...output.type, shape: null })
    }
  }
  for (const graph of graphsOf(model.graph)) clear(graph)
}
