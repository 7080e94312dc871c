import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ProblemError } from '../api/problem.ts'
import type { ExportRequest } from '../api/requests.ts'
import type { Model } from '../ir/model.ts'
import { openedReference } from '../ir/reference.ts'
import type { Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import type { BorderMap, IoMap } from '../pass.ts'
import { type Borders, composed, feedsFor, inputSources, outputsOf } from '../pipeline/borders.ts'
import { litertProvider } from '../runtime/session.ts'
import { type Converted, type ConvertedBorder, type ConvertOptions, convert, type Unsupported } from '../tflite/convert.ts'
import { isHalf } from '../tflite/element-types.ts'
import { encodeParts } from '../tflite/encode.ts'
import { isOpen, withBatch } from '../tflite/fixed-batch.ts'
import { portableTwin } from '../tflite/portable.ts'
import type { Draft, DraftInput, Limits, Refusal } from './export.ts'
import { fixedSizes, withNamedSizes } from './fixed-sizes.ts'
import { type Lowered, loweredFor } from './lowered.ts'
import { halves, stacked } from './stacked.ts'

/** The same arithmetic in other kernels: what rounding in another order leaves. */
const floatLimits: Limits = { leastCosine: 0.99999, mostRelative: 1e-4, keepsTop: true }

/** Weights in fewer bits change results by themselves; what is judged is that nothing else went wrong. */
const narrowLimits: Readonly<Record<NonNullable<ExportRequest['weights']>, Limits>> = {
  float32: floatLimits,
  float16: { leastCosine: 0.9999, mostRelative: null, keepsTop: false },
  int8: { leastCosine: 0.99, mostRelative: null, keepsTop: false },
  int4: { leastCosine: 0.9, mostRelative: null, keepsTop: false },
}

/** 8-bit kernels round each sum by themselves. */
const eightBitLimits: Limits = { leastCosine: 0.99, mostRelative: null, keepsTop: false }

/** A model that computes with floats of 16 bits is computed in 32 here: it comes as near as its own rounding lets it. */
function leastPrecision({ model }: Lowered, { weights = 'float32' }: ExportRequest): keyof typeof narrowLimits {
  const hasHalves = [...model.graph.values].some(({ type }) => type?.kind === 'tensor' && isHalf(type.dtype))
  return weights === 'float32' && hasHalves ? 'float16' : weights
}

/** Names of the twins beside the file, while it is checked. */
const twinName = 'twin-with-other-borders.tflite'
const pairName = 'twin-of-two-samples.tflite'

/** A version as .tflite, or the whole list of what cannot be converted. */
export async function tfliteDraft({ workshop, found, request, samples, signal }: DraftInput): Promise<Draft | Refusal> {
  const source = withNamedSizes(found.model)
  const openBatch = request.dynamicBatch ?? false
  const sizes = fixedSizes(source, { asked: request.sizes ?? {}, samples: samples?.table ?? null, openBatch })
  const lowered = await loweredFor(workshop, { source, target: 'tflite', sizes }, signal)
  const { converted, unsupported } = convert(lowered.model, optionsOf(request))
  if (converted === null) return refused(unsupported, lowered, { opened: found.source.model, openBatch })
  const passable = portableTwin(converted)
  const twin = withBatch(passable, 1)
  const pair = isOpen(converted.file) ? withBatch(passable, 2) : null
  const borders = bordersOf(lowered, twin)
  const { runtime } = workshop
  const checked = (file: string): string => (twin === converted ? file : join(file, '..', twinName))
  const eightBit = computesInEightBits(converted)
  return {
    ops: operatorsOf(converted),
    notes: [
      ...lowered.notes,
      ...(request.int8Borders === true ? noBorders(converted) : []),
      ...adaptations(converted),
      ...twinNotes(converted, twin),
      ...(pair === null ? [] : [openNote]),
    ],
    limits: eightBit ? eightBitLimits : narrowLimits[leastPrecision(lowered, request)],
    // Quantized sums are compared as the graph writes them: onnxruntime's own 8-bit kernels saturate on some processors.
    referenceLevel: eightBit ? 'disabled' : 'all',
    scaffold: [twinName, pairName],
    async write(folder) {
      const path = join(folder, basename(request.out))
      await writeParts(path, converted, request.out)
      if (twin !== converted) await writeParts(checked(path), twin, request.out)
      if (pair !== null) await writeParts(join(folder, pairName), pair, request.out)
      return [path]
    },
    async run(file, feeds) {
      const fed = feeds.map((each) => feedsFor(each, borders))
      const { outputs, runMs } = await runtime.lite({ file: checked(file), feeds: fed }, { signal })
      const [first, second] = fed
      const both = pair === null || first === undefined || second === undefined ? null : stacked(first, second)
      const together = both === null ? null : await runtime.lite({ file: join(file, '..', pairName), feeds: [both] }, { signal })
      const found = together === null ? outputs : [...halves(together.outputs[0] ?? {}), ...outputs.slice(2)]
      return { outputs: found.map((each) => outputsOf(each, borders)), timed: { runMs, by: 'LiteRT in WebAssembly' } }
    },
    judged(file, output) {
      const session = { model: checked(file), provider: litertProvider, threads: 1, level: 'all' } as const
      const name = [...borders.outputs].find(([, { from }]) => from === output)?.[0] ?? output
      return { session, sources: inputSources(borders), output: name }
    },
  }
}

const openNote =
  'The batch is open. LiteRT in JavaScript loads no such file: twins of one sample and of two were checked, which differ in that size alone.'

const optionsOf = ({ nhwcInputs, weights, int8Borders }: ExportRequest): ConvertOptions => ({
  nhwc: nhwcInputs ?? false,
  weights: weights ?? 'float32',
  borders: int8Borders === true ? 'int8' : 'float',
})

/** What passes made for another runtime is mended at once, by other passes; the mend of what the opened model has stands with each node. */
function refused(
  unsupported: readonly Unsupported[],
  { model }: Lowered,
  { opened, openBatch }: { readonly opened: Model; readonly openBatch: boolean },
): Refusal {
  const own = new Set([...allNodes(opened.graph)].map(operatorOf))
  const isMade = ({ node }: Unsupported) => !own.has(operatorOf(node))
  const made = unsupported.filter(isMade).length
  return {
    unsupported: unsupported.map((each) => ({
      node: each.node.name || openedReference(model, [...each.node.origins][0] ?? each.node.id),
      op: operatorOf(each.node),
      reason: isMade(each) ? `${each.reason}; made by the pipeline` : `${each.reason}. ${each.mend}`,
    })),
    notes: [
      ...(openBatch ? ['The batch was left open: without --dynamic-batch, fixed at 1, more can be converted.'] : []),
      ...(made === 0 ? [] : [`${made === 1 ? 'One node was' : `${made} nodes were`} made for another runtime: ${otherTarget}`]),
    ],
  }
}

const otherTarget =
  'choose LiteRT as the target of the pipeline (--target tflite), or the preset mobile-int8, run it, and export that version.'

const operatorOf = ({ domain, opType }: Node): string => (domain === '' ? opType : `${domain}.${opType}`)

/** From the version's borders to those of the file: first another type, then another order of axes. */
function bordersOf({ borders }: Lowered, { inputs, outputs }: Converted): Borders {
  const step = (mapOf: (border: ConvertedBorder) => BorderMap): IoMap => {
    const entries = (list: readonly ConvertedBorder[]) =>
      new Map(list.map((border) => [border.name, { from: border.name, map: mapOf(border) }]))
    return { inputs: entries(inputs), outputs: entries(outputs) }
  }
  const cast = step(({ from, to }) => (from === to ? { kind: 'identity' } : { kind: 'cast', from, to }))
  const permute = step(({ perm }) => (perm === null ? { kind: 'identity' } : { kind: 'permute', perm }))
  return composed(composed(borders, cast), permute)
}

/** Activations in 8 bits: something is on a grid that no constant is. */
const computesInEightBits = ({ file }: Converted): boolean =>
  file.subgraphs.some(({ tensors }) =>
    tensors.some(({ dtype, buffer, quantization }) => dtype === 'int8' && buffer === 0 && quantization !== null),
  )

function operatorsOf({ file }: Converted): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { operators } of file.subgraphs) for (const { operator } of operators) counts[operator] = (counts[operator] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a))
}

function adaptations({ file, inputs, outputs }: Converted): string[] {
  const [main] = file.subgraphs
  const gridOf = (name: string): string => {
    const grid = [...(main?.inputs ?? []), ...(main?.outputs ?? [])]
      .map((at) => main?.tensors[at])
      .find((each) => each?.name === name)?.quantization
    return grid ? ` (scale ${grid.scale[0]?.toPrecision(6)}, zero point ${grid.zeroPoint[0]})` : ''
  }
  return [...inputs, ...outputs]
    .filter(({ from, to, perm }) => from !== to || perm !== null)
    .map(({ name, from, to, perm }) => {
      const type = from === to ? to : `${to}${gridOf(name)} instead of ${from}`
      return `'${name}' is ${type}${perm === null ? '' : ', channels last'}.`
    })
}

/** 8-bit borders were asked for, and there is nothing behind them that computes in 8 bits. */
const noBorders = ({ inputs, outputs }: Converted): string[] =>
  [...inputs, ...outputs].some(({ to }) => to === 'int8')
    ? []
    : [
        'No input or output is 8-bit: nothing at the borders computes in 8 bits. Quantize the model first, such as with the preset mobile-int8.',
      ]

function twinNotes(converted: Converted, twin: Converted): string[] {
  const own = [...converted.inputs, ...converted.outputs]
  const changed = [...twin.inputs, ...twin.outputs].flatMap(({ name, to }, i) => (own[i]?.to === to ? [] : `'${name}' as ${to}`))
  if (changed.length === 0) return []
  return [
    `Checked by a twin that differs at its borders alone (${changed.join(', ')}): LiteRT's JavaScript takes float32, int32 and uint8, and loads no file with others.`,
  ]
}

async function writeParts(path: string, { file }: Converted, out: string): Promise<void> {
  try {
    await writeFile(path, encodeParts(file))
  } catch (error) {
    throw new ProblemError({
      kind: 'file',
      code: 'not-written',
      what: 'The file cannot be written',
      where: { file: out },
      mend: 'Make room, or choose another place.',
      details: (error as Error).message,
    })
  }
}
