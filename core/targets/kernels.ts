import table from './kernels.json' with { type: 'json' }

/**
 * What the runtime really runs on a CPU: a table that `npm run kernels` makes by running tiny models. A kernel that is registered can still
 * fail, so only what ran counts.
 */

/** How an operator fared with optimization off. */
export type Fate =
  /** By a kernel of its own. */
  | { readonly kind: 'native' }
  /** In float32, between Casts that the runtime inserts: slower than float32. */
  | { readonly kind: 'casts' }
  /** As the operators of its function body. */
  | { readonly kind: 'function'; readonly body: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string }

export interface KernelRow {
  /** An element type (`float32`) or a pair (`u8 x s8`), and what is special (`packed QKV`). */
  readonly variant: string
  readonly opset: number
  readonly fate: Fate
}

/** Which runtime the table is of: `onnxruntime 1.30.0`. */
export const tableRuntime = table.runtime

/** The newest version of the standard operator set that the runtime loads. */
export const newestRuntimeOpset = table.newest

const rows = new Map<string, KernelRow[]>()
for (const [op, variant, opset, disabled] of table.rows as [string, string, number, string, string][]) {
  const known = rows.get(op) ?? []
  known.push({ variant, opset, fate: fateOf(op, disabled) })
  rows.set(op, known)
}

function fateOf(op: string, ran: string): Fate {
  const refusal = /^(?:load|run): (.*)$/.exec(ran)?.[1]
  if (refusal !== undefined) return { kind: 'refused', reason: refusal }
  const kernels = ran.split(' ')
  const name = op.slice(op.lastIndexOf('.') + 1)
  if (!kernels.includes(name)) return { kind: 'function', body: kernels }
  return kernels.includes('Cast') && name !== 'Cast' ? { kind: 'casts' } : { kind: 'native' }
}

/** All that was tried of an operator: `MatMul`, `com.microsoft.BiasGelu`. */
export const kernelRows = (op: string): readonly KernelRow[] => rows.get(op) ?? []

const operators: Readonly<Record<string, readonly (number | null)[]>> = table.operators

/** The first and last version of the standard operator set with an operator; no last one while the newest has it. */
export function lifetimeOf(op: string): { readonly first: number; readonly last: number } | null {
  const entry = Object.hasOwn(operators, op) ? operators[op] : undefined
  return entry === undefined ? null : { first: entry[0] ?? 0, last: entry[1] ?? Number.POSITIVE_INFINITY }
}
