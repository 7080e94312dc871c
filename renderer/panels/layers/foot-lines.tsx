import type { ReactNode } from 'react'
import type { Candidate, LayerRow } from '../../../core/api/report.ts'
import { plain, three } from '../../ui/figures.ts'
import { readingOf } from './layer-rows.ts'
import { RowVerdict } from './row-verdict.tsx'

const titles: Readonly<Record<LayerRow['kind'], string>> = {
  layer: 'Layer',
  'boundary cost': 'Boundary cost',
  'runtime would have done anyway': 'Runtime alone',
  overhead: 'Between layers',
  'whole model': 'Whole model',
}

const reasons: Readonly<Record<LayerRow['kind'], string>> = {
  layer: '',
  'boundary cost': 'entering and leaving lower precision, which no layer owns',
  'runtime would have done anyway': 'the source with what the runtime itself optimizes at load off, and on',
  overhead: 'dispatch, allocation, thread wake-up; in size: names and graph structure',
  'whole model': '',
}

const sum = (values: readonly (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0)

/** The layers added up, which is not the whole model: the rows below say what is between. */
export function SumLine({ rows }: { rows: readonly LayerRow[] }) {
  const before = sum(rows.map(({ latencyMs }) => readingOf(latencyMs.baseline)))
  const after = sum(rows.map(({ latencyMs }) => readingOf(latencyMs.candidate)))
  return (
    <Line
      title={`Sum of ${rows.length} layers`}
      why="kernels timed one at a time, scaled to the unprofiled run"
      before={before || null}
      after={after || null}
      verdict={null}
      sizes={{
        baseline: sum(rows.map(({ sizeBytes }) => sizeBytes.baseline)),
        candidate: sum(rows.map(({ sizeBytes }) => sizeBytes.candidate)),
      }}
    />
  )
}

export function FootLine({ row, candidate }: { row: LayerRow; candidate: Candidate }) {
  const before = readingOf(row.latencyMs.baseline)
  const after = readingOf(row.latencyMs.candidate)
  const why =
    row.kind === 'whole model' ? intervals(candidate) : row.names.filter((name) => name !== row.kind).join(', ') || reasons[row.kind]
  const { latencyMs } = candidate
  // What is judged of the whole model is the ratio of paired rounds, which is not the ratio of the two medians.
  const ratio = row.kind === 'whole model' && 'ratio' in latencyMs ? latencyMs.ratio : undefined
  return (
    <Line
      whole={row.kind === 'whole model'}
      title={titles[row.kind]}
      why={why}
      before={before}
      after={after}
      verdict={<RowVerdict row={row} ratio={ratio} />}
      sizes={row.sizeBytes}
    />
  )
}

function intervals({ latencyMs }: Candidate): string {
  if ('unavailable' in latencyMs) return latencyMs.unavailable
  const { baseline, candidate } = latencyMs
  return `measured by itself, not added up: [${three(baseline.low)}, ${three(baseline.high)}] and [${three(candidate.low)}, ${three(candidate.high)}] ms`
}

interface LineProps {
  readonly whole?: boolean
  readonly title: string
  readonly why: string
  readonly before: number | null
  readonly after: number | null
  readonly verdict: ReactNode
  readonly sizes: LayerRow['sizeBytes']
}

function Line({ whole = false, title, why, before, after, verdict, sizes }: LineProps) {
  return (
    <tr className={whole ? 'whole' : undefined}>
      <td />
      <td>{title}</td>
      <td className="k why" colSpan={2} title={why}>
        <span>{why}</span>
      </td>
      <td className="bars" />
      <td className="r">{before === null ? '–' : three(before)}</td>
      <td className="r">{after === null ? '–' : three(after)}</td>
      <td>{verdict}</td>
      <td />
      <td className="cosine" />
      <td className="r t2">{sizes.baseline === 0 ? '–' : plain(sizes.baseline / 1000, 1)}</td>
      <td className="r">{sizes.candidate === 0 ? '–' : plain(sizes.candidate / 1000, 1)}</td>
    </tr>
  )
}
