import type { Target } from '../api/pipeline.ts'
import type { SingleHead } from '../rewrite/canonical.ts'

/** From how many queries and keys on onnxruntime's MultiHeadAttention, which then holds no scores, gains by it; and up to which sizes. */
const longSequence = 1024
const widestHead = 128

/** Products of one sequence from which on two threads gain by sharing them, and how many sequences keep all threads busy. */
const workForSeveral = 2 ** 24
const enoughSequences = 8

/**
 * Why an attention of one head had better stay its parts on a target; `null` where one operator is not slower. Attention operators share out heads and
 * sequences among threads, and one head of one sequence is one thread's; its parts are shared out row by row. Measured in docs/measured.md, 6.
 */
export function objectionToSingleHead(target: Target, found: SingleHead): string | null {
  const { queries, keys, size, valueSize } = found
  if (target === 'ort') {
    if (found.dtype !== 'float32') return 'the kernel computes in float32 on this provider'
    if (found.masked || found.softcapped) return 'with one head and a mask the kernel is slower than its parts'
    const isLong = [queries, keys].every((length) => typeof length === 'number' && length >= longSequence)
    return isLong && Math.max(size, valueSize) <= widestHead
      ? null
      : 'with one head the kernel is faster than its parts only for long sequences of few channels'
  }
  if (found.bare) return 'without an axis for sequences the operator needs views around it'
  const isShared = typeof found.sequences === 'number' && found.sequences >= enoughSequences
  if (isShared || typeof queries !== 'number' || typeof keys !== 'number') return null
  return queries * keys * (size + valueSize) > workForSeveral
    ? 'one head of one sequence is computed by one thread, its parts by all'
    : null
}
