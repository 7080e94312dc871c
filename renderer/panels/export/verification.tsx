import type { Exported } from '../../../core/api/answers.ts'
import { plain } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'

/** What running the written file found. */
export function Verification({ exported: { verification } }: { exported: Exported }) {
  if ('unavailable' in verification)
    return (
      <p className="sm t2">
        <b className="b">Not verified.</b> {verification.unavailable}
      </p>
    )
  const { passed, samples, agreement, cosine, maxAbs, inputs } = verification
  const rows: [string, string, string][] = [
    ['Opens and runs', `${plain(samples)}`, 'samples'],
    ['Same top answer', plain(agreement * 100, 1), '%'],
    ['Cosine of the outputs', plain(cosine, 5), ''],
    ['Largest difference', maxAbs < 0.001 ? maxAbs.toExponential(1) : plain(maxAbs, 3), ''],
  ]
  return (
    <>
      <div className="ok-head">
        <span className="b">{passed ? 'Verified as written' : 'Verification failed'}</span>
        <span className="t3 sm ell" title={inputs}>
          {inputs}
        </span>
      </div>
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
