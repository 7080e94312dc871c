import type { Candidate, LayerRow } from '../../../core/api/report.ts'

export const columns = ['order', 'layer', 'source', 'candidate', 'verdict', 'sqnr', 'cosine', 'sizeBefore', 'sizeAfter'] as const
export type Column = (typeof columns)[number]
export type Filter = 'all' | 'worst ten by SQNR' | 'slower than source' | 'changed kernels'
export const filters: readonly Filter[] = ['all', 'worst ten by SQNR', 'slower than source', 'changed kernels']

export interface NumberedRow {
  readonly number: number
  readonly row: LayerRow
}

/** Layers in topological order with their number; the other kinds are the foot of the table. */
export function splitRows({ layers }: Candidate): { readonly body: readonly NumberedRow[]; readonly foot: readonly LayerRow[] } {
  const body = layers.filter(({ kind }) => kind === 'layer').map((row, position) => ({ number: position + 1, row }))
  // What the runtime alone would have done is part of no sum: another way of running the source.
  const order = ['shape arithmetic', 'boundary cost', 'overhead', 'whole model', 'runtime would have done anyway']
  const foot = layers.filter(({ kind }) => kind !== 'layer').sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  return { body, foot }
}

export const readingOf = (value: LayerRow['latencyMs']['baseline']): number | null => (typeof value === 'number' ? value : null)
export const sqnrOf = ({ error }: LayerRow): number | null => ('cosine' in error ? (error.sqnrDb ?? Number.POSITIVE_INFINITY) : null)
/** Of a layer whose values the runtime fused away: what the candidate gives there when it is run as it is written. */
export const simulatedOf = ({ error }: LayerRow) => ('cosine' in error ? null : (error.simulated ?? null))
export const cosineOf = ({ error }: LayerRow): number | null => ('cosine' in error ? error.cosine : null)

export function filtered(rows: readonly NumberedRow[], filter: Filter, search: string): readonly NumberedRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = rows.filter(({ row }) => {
    const text = [...row.names, row.role, ...row.kernels.baseline, ...row.kernels.candidate].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
  if (filter === 'slower than source') return found.filter(({ row }) => row.latencyMs.verdict === 'worse')
  if (filter === 'changed kernels') return found.filter(({ row }) => row.kernels.baseline.join() !== row.kernels.candidate.join())
  if (filter === 'worst ten by SQNR')
    return [...found]
      .filter(({ row }) => sqnrOf(row) !== null)
      .sort((a, b) => sqnrOf(a.row)! - sqnrOf(b.row)!)
      .slice(0, 10)
  return found
}

const verdictOrder = ['worse', 'no clear difference', 'not comparable', 'better']

const keys: Readonly<Record<Column, (row: NumberedRow) => number | string | null>> = {
  order: ({ number }) => number,
  layer: ({ row }) => row.names.join(', '),
  source: ({ row }) => readingOf(row.latencyMs.baseline),
  candidate: ({ row }) => readingOf(row.latencyMs.candidate),
  verdict: ({ row }) => verdictOrder.indexOf(row.latencyMs.verdict),
  sqnr: ({ row }) => sqnrOf(row),
  cosine: ({ row }) => cosineOf(row),
  sizeBefore: ({ row }) => row.sizeBytes.baseline,
  sizeAfter: ({ row }) => row.sizeBytes.candidate,
}

/** Sorted by a column; rows without a figure come last either way. */
export function sorted(rows: readonly NumberedRow[], column: Column, down: boolean): readonly NumberedRow[] {
  const key = keys[column]
  return [...rows].sort((a, b) => {
    const [left, right] = [key(a), key(b)]
    if (left === null || right === null) return left === right ? a.number - b.number : left === null ? 1 : -1
    const order = typeof left === 'string' ? left.localeCompare(String(right)) : left - Number(right)
    return (down ? -order : order) || a.number - b.number
  })
}

/** Kernels of a layer in few words: `MatMul ×3, Add ×3`, at most `most` kinds. */
export function kernelText(kernels: readonly string[], most = 2): string {
  const counts = new Map<string, number>()
  for (const kernel of kernels) {
    const name = kernel.split('.').at(-1)!
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const kinds = [...counts].sort((a, b) => b[1] - a[1])
  const shown = kinds.slice(0, most).map(([name, times]) => (times > 1 ? `${name} ×${times}` : name))
  const rest = kinds.slice(most).reduce((sum, [, times]) => sum + times, 0)
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
}

/** What a row is called: what its layers have in common, the repeated block that they stand in, and how many the title leaves unsaid. */
export interface LayerTitle {
  readonly title: string
  /** `layer 2`; empty outside of repeated blocks. */
  readonly place: string
  readonly more: number
}

/** `bert.encoder.layer.2.attention.self.query`, `….key` and `….value` read as `attention.self`, with `layer 2` beside it; so do the paths of exporters, `/bert/encoder/layer.2/attention/self/query/MatMul`. */
export function titleOfLayer(given: readonly string[]): LayerTitle {
  const names = given.map((name) => (name.startsWith('/') ? name.slice(1).replaceAll('/', '.') : name))
  const shared = sharedModule(names)
  const name = shared || (names[0] ?? '')
  const more = shared === '' ? Math.max(0, names.length - 1) : 0
  const numbered = /^(?:.*\.)?([A-Za-z_]+)\.(\d+)\.(.+)$/.exec(name)
  if (numbered) return { title: numbered[3]!, place: `${numbered[1]} ${numbered[2]}`, more }
  return { title: name.split('.').slice(-2).join('.'), place: '', more }
}

/** The module that all names lie in; empty where that says less than a name does: at the top, or a whole block. */
function sharedModule(names: readonly string[]): string {
  const paths = names.map((name) => name.replace(/ \(\d+\)$/, '').split('.'))
  const [first = [], ...others] = paths
  let depth = 0
  while (depth < first.length && others.every((path) => path[depth] === first[depth])) depth++
  const shared = first.slice(0, depth)
  return shared.length < 2 || /^\d+$/.test(shared.at(-1)!) ? '' : shared.join('.')
}

/** How a row came out when one of the versions has nothing of it. */
export function presenceOf(row: LayerRow): 'both' | 'removed' | 'added' {
  const [before, after] = [readingOf(row.latencyMs.baseline), readingOf(row.latencyMs.candidate)]
  if (row.kind === 'boundary cost') return row.latencyMs.verdict === 'worse' ? 'added' : 'both'
  if (row.kind !== 'layer' && row.kind !== 'shape arithmetic') return 'both'
  if (after === 0 && row.kernels.candidate.length === 0 && (before ?? 0) > 0) return 'removed'
  return before === 0 && row.kernels.baseline.length === 0 && (after ?? 0) > 0 ? 'added' : 'both'
}
