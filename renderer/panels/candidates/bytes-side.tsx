import type { Storage } from '../../../core/api/measurement.ts'
import { byteText } from '../../../core/api/quantity.ts'
import type { Candidate } from '../../../core/api/report.ts'
import { bytes, percentChange } from '../../ui/figures.ts'
import { FromTo } from '../../ui/glyph.tsx'
import { Num } from '../../ui/number.tsx'
import { partsOf, shadeOf, totalOf } from './storage.ts'

/** What the bytes of both versions are, on one scale, and what compression would leave of them. */
export function BytesSide({ candidate: { storage } }: { candidate: Candidate }) {
  const [before, after] = [partsOf(storage.baseline), partsOf(storage.candidate)]
  const longest = Math.max(totalOf(before), totalOf(after), 1)
  return (
    <section className="exp" aria-label="Where the bytes go">
      <h3 className="side-title">Where the bytes go</h3>
      {(
        [
          ['source', before],
          ['candidate', after],
        ] as const
      ).map(([name, parts]) => (
        <div key={name} className="bytes-row">
          <span className="t2 sm">{name}</span>
          <span className="bytes-bar" role="img" aria-label={parts.map((part) => `${part.name} ${byteText(part.bytes)}`).join(', ')}>
            {parts.map((part) => (
              <i
                key={part.name}
                title={`${part.name} ${byteText(part.bytes)}`}
                style={{ width: `${(100 * part.bytes) / longest}%`, background: shadeOf(part.name) }}
              />
            ))}
          </span>
          <span className="bytes-legend sm">
            {parts.map((part) => (
              <span key={part.name} className="nw">
                <i className="sw" style={{ background: shadeOf(part.name) }} /> {part.name} <Num figure={bytes(part.bytes)} />
              </span>
            ))}
          </span>
        </div>
      ))}
      <dl className="kv">
        <dt>Compressed</dt>
        <Compressed before={storage.baseline.gzip} after={storage.candidate.gzip} />
      </dl>
    </section>
  )
}

function Compressed({ before, after }: { before: Storage['gzip']; after: Storage['gzip'] }) {
  const missing = 'unavailable' in before ? before.unavailable : 'unavailable' in after ? after.unavailable : null
  if (missing !== null || 'unavailable' in before || 'unavailable' in after) return <dd title={missing ?? undefined}>–</dd>
  const estimated = before.estimated || after.estimated
  return (
    <dd title={estimated ? 'gzip, estimated from blocks spread over the file' : 'gzip, level 6'}>
      <FromTo from={<Num figure={bytes(before.bytes)} />} to={<Num figure={bytes(after.bytes)} />} />{' '}
      <span className="t2">
        {percentChange(before.bytes, after.bytes)}
        {estimated && ', estimated'}
      </span>
    </dd>
  )
}
