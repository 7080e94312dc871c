import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ProblemError } from '../api/problem.ts'
import { openedReference } from '../ir/reference.ts'
import type { BorderMap, IoMap } from '../pass.ts'
import { type Borders, composed, feedsFor, outputsOf } from '../pipeline/borders.ts'
import { type Converted, type ConvertedBorder, convert } from '../tflite/convert.ts'
import { encodeParts } from '../tflite/encode.ts'
import type { Draft, DraftInput, Refusal } from './export.ts'
import { fixedSizes } from './fixed-sizes.ts'
import { type Lowered, loweredFor } from './lowered.ts'

/** Cosine that a conversion keeps: the same arithmetic in other kernels; 8-bit kernels round each sum by themselves. */
const leastCosine = { float: 0.99999, eightBit: 0.995 }

/** A version as .tflite, or the whole list of what cannot be converted. */
export async function tfliteDraft({ workshop, found, request, samples, signal }: DraftInput): Promise<Draft | Refusal> {
  const sizes = fixedSizes(found.model, { asked: request.sizes ?? {}, samples: samples?.table ?? null })
  const lowered = await loweredFor(workshop, { source: found.model, target: 'tflite', sizes }, signal)
  const { converted, unsupported } = convert(lowered.model, { nhwc: request.nhwcInputs ?? false })
  if (converted === null) {
    return {
      unsupported: unsupported.map(({ node, reason, mend }) => ({
        node: node.name || openedReference(lowered.model, [...node.origins][0] ?? node.id),
        op: node.domain === '' ? node.opType : `${node.domain}.${node.opType}`,
        reason: `${reason}. ${mend}`,
      })),
    }
  }
  const borders = bordersOf(lowered, converted)
  const eightBit = computesInEightBits(converted)
  return {
    ops: operatorsOf(converted),
    notes: [...lowered.notes, ...adaptations(converted)],
    leastCosine: eightBit ? leastCosine.eightBit : leastCosine.float,
    // Quantized sums are compared as the graph writes them: onnxruntime's own 8-bit kernels saturate on some processors.
    referenceLevel: eightBit ? 'disabled' : 'all',
    async write(folder) {
      const path = join(folder, basename(request.out))
      await writeParts(path, encodeParts(converted.file), request.out)
      return [path]
    },
    async run(file, feeds) {
      const results = await workshop.runtime.lite({ file, feeds: feeds.map((each) => feedsFor(each, borders)) }, { signal })
      return results.map((outputs) => outputsOf(outputs, borders))
    },
  }
}

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

const computesInEightBits = ({ file }: Converted): boolean =>
  file.subgraphs.some(({ operators }) => operators.some(({ operator }) => operator === 'QUANTIZE'))

function operatorsOf({ file }: Converted): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { operators } of file.subgraphs) for (const { operator } of operators) counts[operator] = (counts[operator] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a))
}

function adaptations({ inputs, outputs }: Converted): string[] {
  return [...inputs, ...outputs]
    .filter(({ from, to, perm }) => from !== to || perm !== null)
    .map(
      ({ name, from, to, perm }) =>
        `'${name}' is ${to}${from === to ? '' : ` instead of ${from}`}${perm === null ? '' : ', channels last'}.`,
    )
}

async function writeParts(path: string, parts: readonly Uint8Array[], out: string): Promise<void> {
  try {
    await writeFile(path, parts)
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
