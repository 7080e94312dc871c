import { useStore } from 'zustand'
import { isDistance, isShare, metricName, metricText } from '../../core/api/metric.ts'
import type { Candidate } from '../../core/api/report.ts'
import { UnusableTag } from '../panels/candidates/unusable.tsx'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'
import { percentChange, signed } from '../ui/figures.ts'

export const useCandidate = (): Candidate | null => {
  const id = useStore(sessionStore, ({ candidate }) => candidate)
  return useStore(runStore, ({ candidates }) => candidates.find((one) => one.id === id) ?? null)
}

/** A, B, C ... in the order of the report. */
export const letterOf = (candidates: readonly { readonly id: string }[], id: string): string =>
  String.fromCharCode(
    65 +
      Math.max(
        0,
        candidates.findIndex((one) => one.id === id),
      ),
  )

const tone = (verdict: string) => (verdict === 'better' ? 'better' : verdict === 'worse' ? 'worse' : '')

/** What the chosen candidate costs and brings, in one line. */
export function CandidateFigures() {
  const candidate = useCandidate()
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  if (!candidate) return null
  const { latencyMs, accuracy, sizeBytes } = candidate
  return (
    <>
      <span className="t3">{letterOf(candidates, candidate.id)} against source</span>
      {'ratio' in latencyMs && (
        <span>
          latency <b className={tone(latencyMs.verdict)}>{latencyChange(latencyMs)}</b>
        </span>
      )}
      <span>
        size <b className={sizeTone(sizeBytes)}>{percentChange(sizeBytes.baseline, sizeBytes.candidate)}</b>
      </span>
      {'metric' in accuracy && (
        <span>
          {metricName(accuracy.metric)} <b className={tone(accuracy.verdict)}>{accuracyChange(accuracy)}</b>
        </span>
      )}
      <UnusableTag candidate={candidate} />
    </>
  )
}

/** The judged ratio of paired rounds; what is no clear difference is not given as a figure that looks like one. */
export const latencyChange = ({ ratio, verdict }: Extract<Candidate['latencyMs'], { ratio: number }>): string =>
  verdict === 'no clear difference' ? '≈ same' : percentChange(1, ratio)

const sizeTone = ({ baseline, candidate }: Candidate['sizeBytes']) =>
  tone(candidate < baseline ? 'better' : candidate > baseline ? 'worse' : '')

/** Shares in percentage points, other metrics in their own unit; distances from the source are no change, and stand as they are. */
export function accuracyChange({ metric, baseline, candidate }: Extract<Candidate['accuracy'], { metric: string }>): string {
  if (isDistance(metric)) return metricText(metric, candidate, 3)
  return isShare(metric) ? `${signed((candidate - baseline) * 100, 1)} pt` : signed(candidate - baseline, 3)
}
