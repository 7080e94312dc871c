import type { Exported } from '../../../core/api/answers.ts'
import { metricFigure, metricTitle } from '../../../core/api/metric.ts'
import { plain, three } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'

/** How far outputs are apart, for the eye: figures below a thousandth in powers of ten. */
const distance = (value: number) => (value !== 0 && value < 0.001 ? value.toExponential(1) : plain(value, 3))

/** The word over a verdict: a file that is past the usual limit, but within what rounding alone does to the model, is not the same as one that is not. */
const verdictOf = ({ passed, rounding }: { passed: boolean; rounding: number | null }): string =>
  passed ? (rounding === null ? 'Verified as written' : 'Verified, but for rounding') : 'Verification failed'

function taskRow({ metric, candidate }: { readonly metric: string; readonly candidate: number }): readonly [string, string, string] {
  const { value, unit } = metricFigure(metric, candidate, 3)
  return [`${metricTitle(metric)}, from the file`, value, unit]
}

/** What running the written file found. */
export function Verification({ exported: { verification } }: { exported: Exported }) {
  if ('unavailable' in verification)
    return (
      <p className="sm t2">
        <b className="b">Not verified:</b> {verification.unavailable}
      </p>
    )
  const { passed, samples, agreement, cosine, maxAbs, inputs, why, latencyMs, accuracy, ranBy, rounding } = verification
  const taken: [string, string, string][] = [
    ...('metric' in accuracy ? [taskRow(accuracy)] : []),
    ...('median' in latencyMs ? ([['Latency there', three(latencyMs.median), 'ms']] as const) : []),
  ].map(([...row]) => row as [string, string, string])
  const rows: [string, string, string][] = [
    [`Opens and runs in ${ranBy}`, plain(samples), samples === 1 ? 'sample' : 'samples'],
    ['Same top answer', plain(agreement * 100, 1), '%'],
    ['Cosine of the outputs', plain(cosine, 5), ''],
    ['Largest difference', distance(maxAbs), ''],
    ...(rounding === null
      ? []
      : [['ONNX Runtime from itself, by rounding', distance(rounding), 'of the scale'] as [string, string, string]]),
    ...taken,
  ]
  return (
    <>
      <div className="ok-head">
        <span className="b">{verdictOf(verification)}</span>
        <span className="t3 sm ell" title={inputs}>
          {inputs}
        </span>
      </div>
      {why !== null && <p className="sm worse">{why}</p>}
      {rows.map(([name, value, unit]) => (
        <div key={name} className="ok">
          <Icon name={passed ? 'ok' : 'caution'} className={passed ? 'better' : 'worse'} />
          <span className="t2">{name}</span>
          <span className="nw">
            {value} {unit && <i className="u">{unit}</i>}
          </span>
        </div>
      ))}
    </>
  )
}
