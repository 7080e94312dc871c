import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { accuracyChange, latencyChange, letterOf } from '../frame/candidate-figures.tsx'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'
import { percentChange } from '../ui/figures.ts'

/** Behind a leaf: the letter of its candidate and what it brings. */
export function LeafFigures({ leaf: { id, x, y } }: { leaf: { readonly id: string; readonly x: number; readonly y: number } }) {
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const chosen = useStore(sessionStore, ({ candidate }) => candidate === id)
  const candidate = candidates.find((one) => one.id === id)
  const button = useRef<HTMLButtonElement>(null)
  const known = candidate !== undefined
  useEffect(() => {
    // A long pipeline runs out of the strip: what it came to is what one wants to see.
    if (chosen && known) button.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [chosen, known])
  if (!candidate) return null
  const { latencyMs, sizeBytes, accuracy } = candidate
  const tone = (verdict: string) => (verdict === 'better' || verdict === 'worse' ? verdict : '')
  return (
    <button
      ref={button}
      type="button"
      className="cand"
      style={{ left: x + 16, top: y - 23 }}
      aria-pressed={chosen}
      onClick={() => sessionStore.setState({ candidate: id })}
    >
      <span className={`tagA ${chosen ? 'acc' : 't2'}`}>{letterOf(candidates, id)}</span>
      {'ratio' in latencyMs ? (
        <span>
          <b className={tone(latencyMs.verdict)}>{latencyChange(latencyMs)}</b> latency
        </span>
      ) : (
        <span className="t3">latency not taken</span>
      )}
      <span>
        <b className={sizeBytes.candidate < sizeBytes.baseline ? 'better' : ''}>{percentChange(sizeBytes.baseline, sizeBytes.candidate)}</b>{' '}
        size
      </span>
      {'metric' in accuracy ? (
        <span>
          <b className={tone(accuracy.verdict)}>{accuracyChange(accuracy)}</b> {accuracy.metric}
        </span>
      ) : (
        <span className="t3">accuracy not taken</span>
      )}
    </button>
  )
}
