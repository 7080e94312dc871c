import type { Exported } from '../../../core/api/answers.ts'
import { plain, three } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'

const capital = (text: string) => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`

/** What running the written file found. */
export function Verification({ exported: { verification } }: { exported: Exported }) {
  if ('unavailable' in verification)
    return (
      <p className="sm t2">
        <b className="b">Not verified.</b> {verification.unavailable}
      </p>
    )
  const { passed, samples, agreement, cosine, maxAbs, inputs, why, latencyMs, accuracy, ranBy } = verification
  const taken: [string, string, string][] = [
    ...('metric' in accuracy ? ([[`${capital(accuracy.metric)}, from the file`, plain(accuracy.candidate, 3), '']] as const) : []),
    ...('median' in latencyMs ? ([['Latency there', three(latencyMs.median), 'ms']] as const) : []),
  ].map(([...row]) => row as [string, string, string])
  const rows: [string, string, string][] = [
    [`Opens and runs in ${ranBy}`, `${plain(samples)}`, 'samples'],
    ['Same top answer', plain(agreement * 100, 1), '%'],
    ['Cosine of the outputs', plain(cosine, 5), ''],
    ['Largest difference', maxAbs < 0.001 ? maxAbs.toExponential(1) : plain(maxAbs, 3), ''],
    ...taken,
  ]
  return (
    <>
      <div className="ok-head">
        <span className="b">{passed ? 'Verified as written' : 'Verification failed'}</span>
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
