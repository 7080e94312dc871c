import { whyUnusable } from '../../../core/api/outcome.ts'
import type { Candidate } from '../../../core/api/report.ts'
import { Icon } from '../../ui/icon.tsx'

/** Loudly, where a candidate is of no use as it is: why, which layers lose most, and what can be done. Nothing where it may do. */
export function Unusable({ candidate }: { candidate: Candidate }) {
  const why = whyUnusable(candidate)
  if (why === null) return null
  return (
    <div className="unusable">
      <Icon name="caution" className="worse" />
      <p className="grow">{why}</p>
    </div>
  )
}

/** The same where there is room for a few words only. */
export function UnusableTag({ candidate, bare = false }: { candidate: Candidate; bare?: boolean }) {
  const why = whyUnusable(candidate)
  if (why === null) return null
  return (
    <span className="worse sm unusable-tag" title={why}>
      <Icon name="caution" size={bare ? 13 : 11} />
      <span className={bare ? 'hidden-text' : undefined}> not usable as it is</span>
    </span>
  )
}
