import { useState } from 'react'
import type { Recent } from '../../core/api/contract.ts'
import { openPath } from '../actions/open.ts'
import { useRecents } from '../resources/welcome.ts'
import { pastRuns } from '../stores/past-runs.ts'
import { bytes, type Figure, milliseconds } from '../ui/figures.ts'
import { FromTo } from '../ui/glyph.tsx'
import { modelTitle } from '../ui/model-title.ts'
import { Num, Struck } from '../ui/number.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'

/** Rows that a list always has, however many stand above it. */
const fewest = 2

/** The models of each place that the window was started with, and those that were opened before. @param most rows at first, of all lists together */
export function Models({ most }: { most: number }) {
  const recents = useRecents()
  if (recents.state === 'failed')
    return (
      <>
        <h2 className="h">Recent</h2>
        <ProblemNote problem={recents.problem} onRetry={recents.retry} />
      </>
    )
  if (recents.state !== 'ready') return null
  const places = [...new Set(recents.value.flatMap(({ place }) => place ?? []))]
  const before = recents.value.filter(({ place }) => place === null)
  const rows = Math.max(fewest, Math.floor((most - Math.min(fewest, before.length)) / Math.max(1, places.length)))
  return (
    <>
      {places.map((place) => (
        <ModelList
          key={place}
          title={`In ${place.split(/[/\\]/).filter(Boolean).at(-1) ?? place}`}
          hint={place}
          models={recents.value.filter((one) => one.place === place)}
          most={rows}
        />
      ))}
      {(before.length > 0 || places.length === 0) && (
        <ModelList title="Recent" models={before} most={places.length === 0 ? most : fewest} />
      )}
    </>
  )
}

function ModelList({ title, hint, models, most }: { title: string; hint?: string; models: readonly Recent[]; most: number }) {
  const [all, setAll] = useState(false)
  // One more row takes no more room than the button that would show it.
  const rows = all || models.length <= most + 1 ? models : models.slice(0, most)
  return (
    <section className="models" aria-label={title}>
      <h2 className="h" title={hint}>
        {title}
      </h2>
      {rows.length === 0 && (
        <p className="no-recent">Models that you open are listed here. Begin with the sample: sample, Run, Export are three clicks.</p>
      )}
      {rows.length > 0 && (
        <table className="rec">
          <colgroup>
            <col />
            <col style={{ width: 132 }} />
            <col style={{ width: 132 }} />
            <col style={{ width: 104 }} />
          </colgroup>
          <thead>
            <tr>
              <th>
                <span className="hidden-text">file</span>
              </th>
              <th>Size</th>
              <th>Latency</th>
              <th>Opened</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((model) => (
              <ModelRow key={model.path} model={model} />
            ))}
          </tbody>
        </table>
      )}
      {rows.length < models.length && (
        <button type="button" className="btn link show-all" onClick={() => setAll(true)}>
          Show all {models.length}
        </button>
      )}
    </section>
  )
}

function ModelRow({ model: { path, name, bytes: size, openedAt, place } }: { model: Recent }) {
  const { title, folders } = modelTitle(path)
  return (
    <tr>
      <td>
        <button type="button" title={path} onClick={() => void openPath(path)}>
          <b className="ell">{place === null ? title : name}</b>
          {place === null && <span className="ell">{folders}</span>}
        </button>
      </td>
      <RunFigures path={path} size={size} />
      <td className={openedAt === null ? 't3' : 't2'}>{openedAt === null ? 'not yet' : dayOf(openedAt)}</td>
    </tr>
  )
}

/** Size and latency, before and after the last run of that model in this window. */
function RunFigures({ path, size }: { path: string; size: number }) {
  const run = pastRuns().find((one) => one.path === path)
  if (!run)
    return (
      <>
        <td>
          <Num figure={bytes(size)} />
        </td>
        <td className="t3">not run yet</td>
      </>
    )
  return (
    <>
      <Change before={bytes(run.baseline.bytes)} after={bytes(run.after.bytes)} />
      <Change before={milliseconds(run.baseline.ms)} after={milliseconds(run.after.ms)} />
    </>
  )
}

const Change = ({ before, after }: { before: Figure; after: Figure }) => (
  <td>
    <FromTo from={<Struck before={before} after={after} />} to={<Num figure={after} />} />
  </td>
)

function dayOf(iso: string): string {
  const date = new Date(iso)
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 86_400_000)
  if (days === 0) return `today, ${date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`
  return days === 1 ? 'yesterday' : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })
}
