import type { ReactNode } from 'react'
import { layerNames } from '../../../core/api/layer-names.ts'
import { quantity } from '../../../core/api/quantity.ts'
import type { Candidate, LayerRow } from '../../../core/api/report.ts'
import { plain, three } from '../../ui/figures.ts'
import { presenceOf, readingOf } from './layer-rows.ts'
import { RowVerdict } from './row-verdict.tsx'

const titles: Readonly<Record<LayerRow['kind'], string>> = {
  layer: 'Layer',
  'shape arithmetic': 'Shape arithmetic',
  'boundary cost': 'Boundary cost',
  'runtime would have done anyway': 'Runtime alone',
  overhead: 'Between layers',
  'whole model': 'Whole model',
}

/** What a row is of, as short as it stands there where the table is narrow, and in full. */
interface Reason {
  readonly short: string
  readonly long: string
}

const reasons: Readonly<Record<LayerRow['kind'], Reason>> = {
  layer: { short: '', long: '' },
  'shape arithmetic': { short: 'of no layer', long: 'computed from shapes and constants alone, for no layer of the network' },
  'boundary cost': { short: 'into and out of lower precision', long: 'entering and leaving lower precision, which no layer owns' },
  'runtime would have done anyway': {
    short: 'its own optimizations off, and on',
    long: 'the source with what the runtime itself optimizes at load off, and on',
  },
  overhead: {
    short: 'dispatch, allocation, wake-up',
    long: 'dispatch, allocation, thread wake-up; in size: names and graph structure',
  },
  'whole model': { short: '', long: '' },
}

const sum = (values: readonly (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0)

/** The layers added up, which is not the whole model: the rows below say what is between. */
export function SumLine({ rows }: { rows: readonly LayerRow[] }) {
  const before = sum(rows.map(({ latencyMs }) => readingOf(latencyMs.baseline)))
  const after = sum(rows.map(({ latencyMs }) => readingOf(latencyMs.candidate)))
  return (
    <Line
      title={`Sum of ${rows.length} layers`}
      why={{ short: 'kernels timed one at a time', long: 'kernels timed one at a time, scaled to the unprofiled run' }}
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
  const why = row.kind === 'whole model' ? intervals(candidate) : row.kind === 'shape arithmetic' ? shapesOf(row) : reasons[row.kind]
  const { latencyMs } = candidate
  // What is judged of the whole model is the ratio of paired rounds, which is not the ratio of the two medians.
  const ratio = row.kind === 'whole model' && 'ratio' in latencyMs ? latencyMs.ratio : undefined
  return (
    <Line
      whole={row.kind === 'whole model'}
      title={titles[row.kind]}
      why={why}
      before={before}
      after={presenceOf(row) === 'removed' ? null : after}
      verdict={<RowVerdict row={row} ratio={ratio} />}
      sizes={row.sizeBytes}
    />
  )
}

/** How much of it there is, and where. */
function shapesOf({ kernels, names }: LayerRow): Reason {
  const many = quantity(Math.max(kernels.baseline.length, kernels.candidate.length), 'kernel')
  return { short: many, long: `${many} for ${layerNames(names).join(', ')}: ${reasons['shape arithmetic'].long}` }
}

function intervals({ latencyMs }: Candidate): Reason {
  if ('unavailable' in latencyMs) return { short: latencyMs.unavailable, long: latencyMs.unavailable }
  const { baseline, candidate } = latencyMs
  const both = `[${three(baseline.low)}, ${three(baseline.high)}] and [${three(candidate.low)}, ${three(candidate.high)}] ms`
  return { short: both, long: `measured by itself, not added up: ${both}` }
}

interface LineProps {
  readonly whole?: boolean
  readonly title: string
  readonly why: Reason
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
      <td className="k why" title={why.long}>
        <span className="long">{why.long}</span>
        <span className="short">{why.short}</span>
      </td>
      <td className="k of-source" />
      <td className="bars" />
      <td className="r">{before === null ? '–' : three(before)}</td>
      <td className="r">{after === null ? '–' : three(after)}</td>
      <td>{verdict}</td>
      <td />
      <td className="cosine" />
      <td className="r t2 of-source-size">{sizes.baseline === 0 ? '–' : plain(sizes.baseline / 1000, 1)}</td>
      <td className="r">{sizes.candidate === 0 ? '–' : plain(sizes.candidate / 1000, 1)}</td>
    </tr>
  )
}
