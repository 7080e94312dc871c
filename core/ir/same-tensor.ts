import type { Tensor } from './tensor.ts'

/** Bytes of a tensor that are compared at a time. */
const step = 1 << 22

/** Equal type, dims and content. Bytes are read only when the tensors do not lie at the same place, and in pieces. */
export function sameTensor(one: Tensor, other: Tensor): boolean {
  const [a, b] = [one.ref, other.ref]
  if (one === other) return true
  if (a.dtype !== b.dtype || a.length !== b.length || a.dims.join() !== b.dims.join()) return false
  if (one.strings !== undefined || other.strings !== undefined) return sameStrings(one.strings ?? [], other.strings ?? [])
  if (a.blob === b.blob && a.offset === b.offset) return true
  for (let at = 0; at < a.length; at += step) {
    const to = Math.min(at + step, a.length)
    if (Buffer.compare(one.read(at, to), other.read(at, to)) !== 0) return false
  }
  return true
}

const sameStrings = (ours: readonly Uint8Array[], theirs: readonly Uint8Array[]): boolean =>
  ours.length === theirs.length && ours.every((text, index) => Buffer.compare(text, theirs[index] as Uint8Array) === 0)
