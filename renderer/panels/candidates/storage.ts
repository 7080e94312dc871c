import type { Storage } from '../../../core/api/measurement.ts'

/** A kind of bytes in a file: an element type of stored constants, or `graph` for all else. */
export interface Part {
  readonly name: string
  readonly bytes: number
}

const order = ['float64', 'float32', 'bfloat16', 'float16', 'int8', 'uint8', 'int4', 'uint4', 'int2', 'uint2', 'int64', 'int32']

/** The same order in both versions, from wide to narrow, so that one sees what became of what; nothing that takes no room. */
export function partsOf({ byType, graph }: Storage): readonly Part[] {
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  const types = Object.entries(byType).map(([name, bytes]) => ({ name, bytes }))
  return [...types.sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name)), { name: 'graph', bytes: graph }].filter(
    ({ bytes }) => bytes > 0,
  )
}

export const totalOf = (parts: readonly Part[]): number => parts.reduce((sum, { bytes }) => sum + bytes, 0)

/** The colour of a precision, as in the graph. */
export function shadeOf(name: string): string {
  if (/^float(32|64)$/.test(name)) return 'var(--op-layer)'
  if (/float/.test(name)) return 'var(--op-pool)'
  if (/^u?int8$/.test(name)) return 'var(--op-quant)'
  if (/^u?int[24]$/.test(name)) return 'var(--fused)'
  return name === 'graph' ? 'var(--line-2)' : 'var(--op-shape)'
}
