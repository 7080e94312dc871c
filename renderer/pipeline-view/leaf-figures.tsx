import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { metricName } from '../../core/api/metric.ts'
import { accuracyChange, latencyChange, letterOf } from '../frame/candidate-figures.tsx'
import { UnusableTag } from '../panels/candidates/unusable.tsx'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'
import { percentChange } from '../ui/figures.ts'

/** Behind a leaf: the letter of its candidate and what it brings. Where the pipeline is longer than the strip it stays at the strip's edge. */
export function LeafFigures({
  leaf: { id, x, y },
  stripWidth,
}: {
  leaf: { readonly id: string; readonly x: number; readonly y: number }
  stripWidth: number
}) {
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const chosen = useStore(sessionStore, ({ candidate }) => candidate === id)
  const candidate = candidates.find((one) => one.id === id)
  const button = useRef<HTMLButtonElement>(null)
  const known = candidate !== undefined
  useEffect(() => {
    if (!chosen || !known) return
    // The figures themselves stick to the edge of the strip; scrolled to the end they cover no card.
    button.current?.closest('.pipe')?.scrollTo({ left: x })
    button.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [chosen, known, x])
  if (!candidate) return null
  const { latencyMs, sizeBytes, accuracy } = candidate
  const tone = (verdict: string) => (verdict === 'better' || verdict === 'worse' ? verdict : '')
  return (
    <div className="cand-place" style={{ marginRight: stripWidth - x - 154 }}>
      <button
        ref={button}
        type="button"
        className="cand"
        style={{ top: y - 32 }}
        aria-pressed={chosen}
        onClick={() => sessionStore.setState({ candidate: id })}
      >
        <span className="cand-mark">
          <span className={`tagA ${chosen ? 'acc' : 't2'}`}>{letterOf(candidates, id)}</span>
          <UnusableTag candidate={candidate} bare />
        </span>
        {'ratio' in latencyMs ? (
          <span>
            <b className={tone(latencyMs.verdict)}>{latencyChange(latencyMs)}</b> latency
          </span>
        ) : (
          <span className="t3">latency not taken</span>
        )}
        <span>
          <b className={sizeBytes.candidate < sizeBytes.baseline ? 'better' : ''}>
            {percentChange(sizeBytes.baseline, sizeBytes.candidate)}
          </b>{' '}
          size
        </span>
        {'metric' in accuracy ? (
          <span>
            <b className={tone(accuracy.verdict)}>{accuracyChange(accuracy)}</b> {metricName(accuracy.metric)}
          </span>
        ) : (
          <span className="t3">accuracy not taken</span>
        )}
      </button>
    </div>
  )
}
