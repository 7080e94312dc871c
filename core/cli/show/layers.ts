import { layerNames } from '../../api/layer-names.ts'
import type { LayerError } from '../../api/measurement.ts'
import { quantity } from '../../api/quantity.ts'
import type { LayerRow } from '../../api/report.ts'
import { type Style, verdictGlyph } from '../terminal/style.ts'
import { type Column, table } from '../terminal/table.ts'
import { bytes, milliseconds, small } from '../terminal/units.ts'

const dash = '–'

const columns: readonly Column[] = [
  { title: 'layer', most: 52, cut: 'head' },
  { title: 'role', most: 18, expendable: 2 },
  { title: 'ms before', align: 'right' },
  { title: 'ms after', align: 'right' },
  { title: '' },
  { title: 'SQNR dB', align: 'right' },
  { title: 'cosine', align: 'right', expendable: 3 },
  { title: 'max abs', align: 'right', expendable: 4 },
  { title: 'size before', align: 'right', expendable: 1 },
  { title: 'size after', align: 'right', expendable: 1 },
]

/** The per-layer table, and below it what its dashes mean. */
export function layerTable(rows: readonly LayerRow[], style: Style): string {
  const shown = rows.filter(({ kind }) => kind !== 'whole model' && kind !== 'runtime would have done anyway')
  const text = table(
    columns,
    [...shown, ...rows.filter(({ kind }) => kind === 'whole model')].map((row) => cells(row, style)),
    style.width,
  )
  const reasons = missingReasons(rows).map((reason) => `${dash} ${reason}`)
  const below = [...reasons, ...rows.filter(({ kind }) => kind === 'runtime would have done anyway').map(anywayText)]
  return below.length === 0 ? text : `${text}\n\n${below.map((line) => style.faint(line)).join('\n')}`
}

/** It is part of no sum: another way of running the source. */
function anywayText({ latencyMs: { baseline, candidate } }: LayerRow): string {
  const [off, on] = [reading(baseline, milliseconds), reading(candidate, milliseconds)]
  const figures =
    typeof baseline === 'number'
      ? `the source takes ${off} ms as it is written, ${on} ms as the runtime optimizes it at load`
      : reasonOf(baseline)
  return `runtime would have done anyway: ${figures}`
}

const reasonOf = (reading: { unavailable: string }): string => `– ${reading.unavailable}`

function cells(row: LayerRow, style: Style): string[] {
  const { latencyMs, error, sizeBytes } = row
  const name = nameOf(row)
  return [
    row.kind === 'whole model' ? style.strong(name) : row.kind === 'layer' ? name : style.faint(name),
    row.kind === 'layer' ? row.role : '',
    reading(latencyMs.baseline, milliseconds),
    reading(latencyMs.candidate, milliseconds),
    verdictGlyph(latencyMs.verdict, style),
    ...errorCells(error),
    sizeBytes.baseline === 0 ? '' : bytes(sizeBytes.baseline),
    sizeBytes.candidate === 0 ? '' : bytes(sizeBytes.candidate),
  ]
}

function nameOf({ kind, names, layers, kernels }: LayerRow): string {
  if (kind === 'shape arithmetic') return `${kind}, ${quantity(Math.max(kernels.baseline.length, kernels.candidate.length), 'kernel')}`
  return kind === 'layer' ? layerNames(names.length > 0 ? names : layers).join(' + ') : kind
}

function reading(value: number | { unavailable: string }, show: (value: number) => string): string {
  return typeof value === 'number' ? show(value) : dash
}

function errorCells(error: LayerError): string[] {
  if ('unavailable' in error) {
    const { simulated } = error
    return simulated === undefined ? [dash, dash, dash] : errorCells({ ...simulated, local: null }).map((text) => `(${text})`)
  }
  return [error.sqnrDb === null ? '∞' : error.sqnrDb.toFixed(1), cosine(error.cosine), small(error.maxAbs)]
}

/** Five digits say enough, and 1 only when it is. */
function cosine(value: number): string {
  return value >= 0.999995 && value < 1 ? '0.99999+' : value.toFixed(5)
}

/** Each reason once, with how many rows it stands for. */
function missingReasons(rows: readonly LayerRow[]): string[] {
  const counts = new Map<string, number>()
  for (const { kind, latencyMs, error } of rows) {
    if (kind !== 'layer' && kind !== 'whole model') continue
    for (const part of [latencyMs.baseline, latencyMs.candidate, error]) {
      if (typeof part === 'object' && 'unavailable' in part) counts.set(part.unavailable, (counts.get(part.unavailable) ?? 0) + 1)
    }
  }
  const some = rows.some(({ error }) => 'unavailable' in error && error.simulated !== undefined)
  if (some) counts.set('in parentheses: simulated in floats, because the runtime fused the value away', 1)
  return [...counts].map(([reason, count]) => (count === 1 ? reason : `${reason} (${count} figures)`))
}
