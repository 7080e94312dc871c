import { numbersOf } from '../ir/numbers.ts'
import { countOf, tensorOf } from '../ir/tensor.ts'
import type { TensorData } from '../observe/reducer.ts'
import { closeness } from '../pipeline/closeness.ts'
import type { Outputs } from '../runtime/session.ts'

/** How far the outputs of one file are from those of another, over all samples and outputs. */
export interface Agreement {
  readonly maxAbs: number
  /** The largest difference in a tensor over the root mean square of its reference, or over 1 where that is less. */
  readonly maxRelative: number
  readonly cosine: number
  /** Share of rows (last axis of the first output) with the same largest element, or one that is as large but for rounding, 0..1. */
  readonly agreement: number
  readonly samples: number
  /** Elements that are finite in both; the figures speak of these alone. */
  readonly compared: number
  /** Elements that are NaN or infinite in the reference: `same` in the other file too, or `other` there. */
  readonly nonFinite: { readonly same: number; readonly other: number }
  /** Why the outputs cannot even be compared: another shape, NaN where there was none. */
  readonly fault: string | null
}

/** @param references outputs of one file, sample by sample; `candidates` those of the other */
export function agreementOf(references: readonly Outputs[], candidates: readonly Outputs[]): Agreement {
  let [maxAbs, maxRelative, cosine, same, rows] = [0, 0, 1, 0, 0]
  let fault: string | null = null
  let compared = 0
  const nonFinite = { same: 0, other: 0 }
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
      if (!Number.isFinite(judged.maxAbs) || !Number.isFinite(judged.cosine)) {
        fault ??= `output '${name}' differs, and holds numbers too large to say by how much`
        continue
      }
      const counted = finiteIn(reference, output!)
      compared += counted.compared
      nonFinite.same += counted.same
      nonFinite.other += counted.other
      maxAbs = Math.max(maxAbs, judged.maxAbs)
      maxRelative = Math.max(maxRelative, judged.maxAbs / scaleOf(reference))
      // The direction of a tensor that is all but zero is noise.
      if (strengthOf(reference) > negligible || judged.maxAbs > negligible) cosine = Math.min(cosine, judged.cosine)
      if (at > 0) continue
      const top = sameTop(reference, output!)
      same += top.same
      rows += top.rows
    }
  }
  return { maxAbs, maxRelative, cosine, agreement: rows === 0 ? 1 : same / rows, samples: references.length, compared, nonFinite, fault }
}

/** Texts count as finite. */
function finiteIn(reference: TensorData, tensor: TensorData): { compared: number; same: number; other: number } {
  const counts = { compared: 0, same: 0, other: 0 }
  if (reference.dtype === 'string') return { ...counts, compared: countOf(reference.dims) }
  const found = numbers(tensor)
  for (const [at, value] of numbers(reference).entries()) {
    if (Number.isFinite(value)) counts.compared += 1
    else if (Object.is(value, found[at])) counts.same += 1
    else counts.other += 1
  }
  return counts
}

const numbers = ({ dtype, dims, data }: TensorData): Float64Array => numbersOf(tensorOf(dtype, dims, data))

/** Elements that were finite and are not any more. */
function spoiled(reference: TensorData, tensor: TensorData): boolean {
  if (reference.dtype === 'string') return false
  const before = numbers(reference)
  return numbers(tensor).some((value, at) => !Number.isFinite(value) && Number.isFinite(before[at]))
}

/** Below this, numbers are lost in the rounding of what they come from. */
const negligible = 1e-5

/** What differences in a tensor are measured by: its root mean square, and 1 where it is smaller. */
const scaleOf = (reference: TensorData): number => Math.max(1, strengthOf(reference))

/** Root mean square of the finite elements. */
function strengthOf(reference: TensorData): number {
  if (reference.dtype === 'string') return 1
  const finite = numbers(reference).filter(Number.isFinite)
  return Math.sqrt(finite.reduce((sum, value) => sum + value * value, 0) / Math.max(1, finite.length))
}

/** A lead of less than this, over the scale of the reference, is within rounding. */
const clearLead = 2e-4

function sameTop(reference: TensorData, tensor: TensorData): { same: number; rows: number } {
  const width = reference.dims.at(-1) ?? 1
  if (reference.dtype === 'string' || width < 2) return { same: 0, rows: 0 }
  const [a, b] = [numbers(reference), numbers(tensor)]
  const rows = countOf(reference.dims) / width
  const lead = clearLead * scaleOf(reference)
  let same = 0
  for (let from = 0; from < rows * width; from += width) {
    const [before, after] = [top(a, from, width), top(b, from, width)]
    if (before === after || a[from + before]! - a[from + after]! <= lead) same += 1
  }
  return { same, rows }
}

function top(values: Float64Array, from: number, width: number): number {
  let best = 0
  for (let at = 1; at < width; at++) if (values[from + at]! > values[from + best]!) best = at
  return best
}
