import { z } from 'zod'
import { int } from '../ir/attributes.ts'
import { onnxCode } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { arrayBytes } from '../ir/numbers.ts'
import { countOf, type Tensor, tensorOf } from '../ir/tensor.ts'
import type { Value } from '../ir/value.ts'
import { graphsOf } from '../ir/walk.ts'
import { type IoMap, identityIo, onePart, type Pass, type PassContext, type PassResult } from '../pass.ts'
import { doing } from '../quantize/doing.ts'
import { planHalf, readsScales } from '../quantize/half-plan.ts'
import { beyondHalf } from '../quantize/half-range.ts'
import { HalfRewriter, halfConstants } from '../quantize/half-rewrite.ts'
import { keptNodes } from '../quantize/keep.ts'
import { Notes } from '../quantize/notes.ts'
import { dropUnread } from '../quantize/substitute.ts'
import { Workers } from '../quantize/workers.ts'
import { inferShapes } from '../shapes/infer.ts'
import { raiseToLeast } from './least-opset.ts'

const options = z.strictObject({
  format: z.enum(['float16', 'bfloat16']).default('float16'),
  weightsOnly: z
    .boolean()
    .default(false)
    .describe('Store weights in 16 bits and compute in float32: half the file, the speed of float32. Always so for bfloat16.'),
  keepBorders: z.boolean().default(true).describe('Inputs and outputs of the model stay float32.'),
  smallest: z.int().nonnegative().default(256).describe('With weightsOnly, weights with fewer elements stay in float32.'),
  keep: z.array(z.string()).default([]).describe('Node references or scopes that stay in float32.'),
})
type Options = z.infer<typeof options>

/** The operator set from which Cast knows bfloat16. */
const bfloat16Opset = 13

export const convertFloat16: Pass<Options> = {
  id: 'convert-float16',
  version: 7,
  title: 'Convert to 16-bit floats',
  summary: 'Stores weights in 16-bit floats and, with float16, computes in them, except where that would overflow or lose the meaning.',
  family: 'precision',
  fidelity: 'lossy',
  options,
  pointless: (model) => (floatConstants(model.graph, 0).length === 0 ? 'the model has no float32 constants' : null),
  atMost(model, chosen) {
    const kept = keptNodes(model, chosen.keep)
    if (!chosen.weightsOnly && chosen.format === 'float16') {
      inferShapes(model)
      return planHalf(model.graph, kept).half.size
    }
    const readers = floatConstants(model.graph, chosen.smallest).flatMap(({ uses }) => uses.map(({ node }) => node))
    return new Set(readers.filter((node) => !kept.has(node))).size
  },
  run: (model, chosen, context) =>
    chosen.weightsOnly || chosen.format === 'bfloat16' ? storeWeights(model, chosen, context) : convert(model, chosen, context),
}

/** Arithmetic in float16. */
async function convert(model: Model, chosen: Options, context: PassContext): Promise<PassResult> {
  inferShapes(model)
  const kept = keptNodes(model, chosen.keep)
  const notes = new Notes()
  const wished = planHalf(model.graph, kept)
  const { tensors, clamped } = await shortened(halfConstants(model.graph, wished), 'half', context)
  const { nodes: overflowing, refused } = await beyondHalf(model, wished.half, context)
  if (refused !== null) notes.add(`Whether values pass the range of float16 on the samples is not known. ${refused}`)
  const plan = clamped.size + overflowing.size === 0 ? wished : planHalf(model.graph, kept, { beyond: clamped, overflowing })
  for (const [node, reason] of plan.blocked) notes.left(node, reason)
  if (plan.half.size === 0) return onePart(model, false, notes.sentences())
  const floatBorders = bordersOf(model)
  const read = halfConstants(model.graph, plan)
  tellClamped(
    read.filter((value) => clamped.has(value)),
    notes,
  )
  model.lineage.during('convert-float16', 'computed in float16, with casts where float32 is needed', () => {
    new HalfRewriter(plan, { keep: chosen.keepBorders }, tensors).rewrite(model.graph)
    dropUnread(read)
  })
  if (slowHere(context))
    notes.add('On x64 CPUs ONNX Runtime computes most float16 operators by way of float32: expect it to be slower than float32 there.')
  return { changed: true, parts: [model], io: chosen.keepBorders ? identityIo : castIo(floatBorders), notes: notes.sentences() }
}

/** 16-bit weights, each with a Cast to float32, which the runtime folds away when it loads the model. */
async function storeWeights(model: Model, { format, smallest, keep }: Options, context: PassContext): Promise<PassResult> {
  if (format === 'bfloat16') raiseToLeast(model, bfloat16Opset)
  const kept = keptNodes(model, keep)
  const notes = new Notes()
  const weights = floatConstants(model.graph, smallest).filter(({ uses }) => uses.some(({ node }) => !kept.has(node)))
  const { tensors, clamped } = await shortened(weights, format === 'float16' ? 'half' : 'bfloat', context)
  tellClamped([...clamped], notes)
  for (const [value, tensor] of tensors) {
    const graph = value.graph as Graph
    model.lineage.during('convert-float16', `'${value.name}' is stored as ${format}`, () => {
      const stored = graph.addConstant(`${value.name}_${format}`, tensor)
      const cast = graph.addNode({ opType: 'Cast', inputs: [stored], attributes: { to: int(onnxCode('float32')) } }).outputs[0] as Value
      if (value.type !== null) graph.setType(cast, value.type)
      for (const { node, index } of value.uses) if (!kept.has(node)) node.graph.setInput(node, index, cast)
      dropUnread([value])
    })
  }
  notes.add(`${doing(weights.length, 'weight', ['is', 'are'])} stored as ${format} and computed with in float32.`)
  return onePart(model, weights.length > 0, notes.sentences())
}

function floatConstants(main: Graph, smallest: number): Value[] {
  return [...graphsOf(main)].flatMap((graph) =>
    graph.initializers.filter(
      ({ constant, isOutput, uses }) =>
        constant?.ref.dtype === 'float32' &&
        !isOutput &&
        countOf(constant.ref.dims) >= smallest &&
        !uses.some(({ node }) => readsScales(node)),
    ),
  )
}

/** The values in 16 bits, and those with elements that float16 cannot reach. */
async function shortened(
  values: readonly Value[],
  kernel: 'half' | 'bfloat',
  context: PassContext,
): Promise<{ readonly tensors: ReadonlyMap<Value, Tensor>; readonly clamped: ReadonlySet<Value> }> {
  const workers = new Workers({ signal: context.signal })
  let done = 0
  const clamped = new Set<Value>()
  try {
    const results = values.map(async (value) => {
      const tensor = value.constant as Tensor
      const result = await workers.run(kernel, tensor, null)
      if ('clamped' in result && result.clamped > 0) clamped.add(value)
      context.progress(++done, values.length)
      return [value, tensorOf(kernel === 'half' ? 'float16' : 'bfloat16', tensor.ref.dims, arrayBytes(result.values))] as const
    })
    return { tensors: new Map(await Promise.all(results)), clamped }
  } finally {
    workers.close()
  }
}

function tellClamped(values: readonly Value[], notes: Notes): void {
  if (values.length === 0) return
  const names = values.slice(0, 3).map(({ name }) => name)
  notes.add(
    `Beyond the range of float16, and now ±65504: elements of ${names.join(', ')}${values.length > 3 ? ` and ${values.length - 3} more` : ''}.`,
  )
}

const slowHere = ({ machine }: PassContext): boolean => machine.arch === 'x64'

const bordersOf = ({ graph }: Model) => ({
  inputs: graph.inputs.filter(({ type }) => type?.kind === 'tensor' && type.dtype === 'float32').map(({ name }) => name),
  outputs: graph.outputs.filter(({ type }) => type?.kind === 'tensor' && type.dtype === 'float32').map(({ name }) => name),
})

/** Samples are cast to the new inputs, and the new outputs back. */
function castIo({ inputs, outputs }: ReturnType<typeof bordersOf>): IoMap {
  const entry = (from: 'float32' | 'float16', to: 'float32' | 'float16') => (name: string) =>
    [name, { from: name, map: { kind: 'cast', from, to } }] as const
  return { inputs: new Map(inputs.map(entry('float32', 'float16'))), outputs: new Map(outputs.map(entry('float16', 'float32'))) }
}
