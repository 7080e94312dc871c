import { intOf } from '../ir/attributes.ts'
import type { Node } from '../ir/value.ts'

/** How the runtime lays out the elements of a value that the version has in another form. */
export type Layout =
  | { readonly kind: 'plain' }
  /** Axis `i` is axis `perm[i]` of the version's value. */
  | { readonly kind: 'permute'; readonly perm: readonly number[] }
  /** Channels in blocks that lie innermost (NCHWc): [N, C / block, H, W, block]. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'reshaped' }
  | { readonly kind: 'unknown' }

export const plain: Layout = { kind: 'plain' }
const channelsLast: Layout = { kind: 'permute', perm: [0, 2, 3, 1] }
const unknown: Layout = { kind: 'unknown' }

/**
 * The layout in which a kernel gives out a value that keeps none of the version's names: what the kernel says itself, else what its first
 * input has. `inputs`: layouts of its computed inputs.
 */
export function outputLayout(kernel: Node, inputs: readonly Layout[]): Layout {
  if (kernel.domain === 'com.microsoft.nchwc') return kernel.opType === 'ReorderOutput' ? plain : { kind: 'blocked' }
  if (kernel.domain === 'com.ms.internal.nhwc' || intOf(kernel, 'channels_last', 0) === 1) return channelsLast
  const first = inputs[0] ?? unknown
  if (kernel.opType === 'Transpose') return transposed(first, kernel)
  if (kernel.opType === 'Reshape') return { kind: 'reshaped' }
  // A plain kernel renames its output only when a transpose was pushed through it, which may have changed what it does to axes.
  return first.kind === 'plain' && !typeOnly.has(kernel.opType) ? unknown : first
}

const typeOnly: ReadonlySet<string> = new Set(['Cast', 'QuantizeLinear', 'DequantizeLinear'])

function transposed(from: Layout, kernel: Node): Layout {
  const attribute = kernel.attributes.get('perm')
  if (attribute?.type !== 'ints') return unknown
  if (from.kind === 'plain') return asLayout(attribute.value)
  if (from.kind !== 'permute') return unknown
  const before = from.perm
  return asLayout(attribute.value.map((axis) => before[axis] as number))
}

const asLayout = (perm: readonly number[]): Layout => (perm.every((axis, i) => axis === i) ? plain : { kind: 'permute', perm })
