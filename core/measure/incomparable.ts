import type { Unavailable } from '../api/measurement.ts'
import type { Deviation } from '../observe/sqnr.ts'

/** Why a deviation says nothing of the values that it was taken from, `null` when it does: its figures count finite elements alone. */
export function incomparable({ elements, nonFinite, lost, signal, error, cosine, maxAbs, meanAbs }: Deviation): Unavailable | null {
  if (nonFinite > 0)
    return {
      unavailable: `${nonFinite} of ${elements + nonFinite} elements are NaN or infinite in one version alone, or differently in both`,
      ...(lost > 0 ? { lost: true } : {}),
    }
  if (elements === 0) return { unavailable: 'nothing finite was compared: no element is a finite number in both versions' }
  const finite = [signal, error, cosine, maxAbs, meanAbs].every(Number.isFinite)
  return finite ? null : { unavailable: 'the values are too large for their squares to be summed' }
}
