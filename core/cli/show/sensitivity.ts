import { quantity } from '../../api/quantity.ts'
import { type Sensitivity, type SensitivityRow, type TrialError, untriedText } from '../../api/sensitivity.ts'
import type { Style } from '../terminal/style.ts'
import { shorten, table } from '../terminal/table.ts'
import { count } from '../terminal/units.ts'

/** Layers that are shown; `--json` has all. */
const mostRows = 20

/**
 * What a search for a mixture of precisions found out about each layer, the loudest first: decibels of the first output (of the layer's own
 * results where they are estimates), and the metric with that layer alone in low precision.
 */
export function sensitivityTable(sensitivity: Sensitivity, style: Style): string {
  const { rows, samples, metric, everything } = sensitivity
  if (rows.length === 0) return ''
  const timed = rows.some(({ milliseconds }) => milliseconds !== undefined)
  const columns = [
    { title: 'layer', most: 60 },
    { title: 'in' },
    ...[
      'weights*',
      'activations*',
      'alone',
      'cosine',
      ...(metric === null ? [] : [metric.name]),
      'without it',
      'weights only',
      'activations only',
    ]
      .concat(timed ? ['ms'] : [])
      .map((title) => ({ title, align: 'right' as const })),
  ]
  const cells = rows
    .slice(0, mostRows)
    .flatMap((row) => [
      rowCells(row, metric !== null, timed),
      ...row.members.map(({ node, alone }) => [`  ${node}`, '', '', '', decibels(alone), cosine(alone)]),
    ])
  const more = rows.length > mostRows ? [style.faint(`… and ${count(rows.length - mostRows)} more; --json has all`)] : []
  const all = everything === null ? '' : ` All of them in low precision: ${decibels(everything)} dB.`
  const float = metric === null ? '' : ` In float the ${metric.name} is ${metric.float.toFixed(4)}.`
  const how = `* estimates, of the layer's own results; the rest is of the first output, in dB, on ${quantity(samples, 'sample')}.${all}${float}`
  const untried = untriedText(sensitivity)
  return [table(columns, cells, style.width), ...more, style.faint(how), ...(untried === null ? [] : [style.faint(untried)])].join('\n')
}

function rowCells(row: SensitivityRow, judged: boolean, timed: boolean): string[] {
  return [
    nameOf(row),
    row.chosen,
    estimate(row.estimateDb.weights),
    estimate(row.estimateDb.activations),
    decibels(row.alone),
    cosine(row.alone),
    ...(judged ? [row.alone?.metric?.toFixed(4) ?? ''] : []),
    decibels(row.allOthers),
    decibels(row.weightsAlone),
    decibels(row.activationsAlone),
    ...(timed ? [(row.milliseconds ?? 0).toFixed(3)] : []),
  ]
}

const cosine = (trial: TrialError | null): string => (trial === null ? '' : trial.cosine.toFixed(5))

const nameOf = ({ nodes }: SensitivityRow): string =>
  nodes.length > 1 ? `${shorten(nodes[0] ?? '', 48)} and ${nodes.length - 1} more` : (nodes[0] ?? '')

const estimate = (value: number | null): string => (value === null ? '' : value.toFixed(1))

const decibels = (trial: TrialError | null): string => (trial === null ? '' : trial.sqnrDb === null ? 'equal' : trial.sqnrDb.toFixed(1))
