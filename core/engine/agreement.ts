import { numbersOf } from '../ir/numbers.ts'
import { countOf, tensorOf } from '../ir/tensor.ts'
import type { TensorData } from '../observe/reducer.ts'
import { closeness } from '../pipeline/closeness.ts'
import type { Outputs } from '../runtime/session.ts'

/** How far the outputs of one file are from those of another, over all samples and outputs. */
export interface Agreement {
  readonly maxAbs: number
  readonly cosine: number
  /** Share of rows (last axis of the first output) with the same largest element, 0..1. */
  readonly agreement: number
  readonly samples: number
  /** Why the outputs cannot even be compared: another shape, NaN where there was none. */
  readonly fault: string | null
}

/** @param references outputs of one file, sample by sample; `candidates` those of the other */
export function agreementOf(references: readonly Outputs[], candidates: readonly Outputs[]): Agreement {
  let [maxAbs, cosine, same, rows] = [0, 1, 0, 0]
  let fault: string | null = null
  for (const [sample, expected] of references.entries()) {
    const found = candidates[sample] ?? {}
    for (const [at, [name, reference]] of Object.entries(expected).entries()) {
      const output = found[name]
      const judged = output === undefined ? null : closeness(reference, output, 'lossy')
      if (judged === null || !judged.near || spoiled(reference, output!)) {
        fault ??=
          judged === null
            ? `output '${name}' is missing`
            : `output '${name}' has ${judged.why ?? 'NaN or infinite elements that were finite'}`
        continue
      }
      maxAbs = Math.max(maxAbs, judged.maxAbs)
      cosine = Math.min(cosine, judged.cosine)
      if (at > 0) continue
      const top = sameTop(reference, output!)
      same += top.same
      rows += top.rows
    }
  }
  return { maxAbs, cosine, agreement: rows === 0 ? 1 : same / rows, samples: references.length, fault }
}

const numbers = ({ dtype, dims, data }: TensorData): Float64Array => numbersOf(tensorOf(dtype, dims, data))

/** Elements that were finite and are not any more. */
function spoiled(reference: TensorData, tensor: TensorData): boolean {
  if (reference.dtype === 'string') return false
  const before = numbers(reference)
  return numbers(tensor).some((value, at) => !Number.isFinite(value) && Number.isFinite(before[at]))
}

function sameTop(reference: TensorData, tensor: TensorData): { same: number; rows: number } {
  const width = reference.dims.at(-1) ?? 1
  if (reference.dtype === 'string' || width < 2) return { same: 0, rows: 0 }
  const [a, b] = [numbers(reference), numbers(tensor)]
  const rows = countOf(reference.dims) / width
  let same = 0
  for (let row = 0; row < rows; row++) if (top(a, row * width, width) === top(b, row * width, width)) same += 1
  return { same, rows }
}

function top(values: Float64Array, from: number, width: number): number {
  let best = 0
  for (let at = 1; at < width; at++) if (values[from + at]! > values[from + best]!) best = at
  return best
}
