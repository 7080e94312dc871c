import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { useCandidate } from '../frame/candidate-figures.tsx'
import { useShownStage } from '../resources/shown-stage.ts'
import { sourceId } from '../stores/pipeline-edit.ts'
import { type ColourMode, sessionStore } from '../stores/session.ts'
import { three } from '../ui/figures.ts'
import { Icon } from '../ui/icon.tsx'
import { labelPlace } from './findings.ts'
import { type GraphIndex, rootId } from './graph-index.ts'
import { classNames, type OpClass, opClassOf } from './op-class.ts'
import { overlaps } from './spatial.ts'
import { seenStore, viewStore } from './view-store.ts'

const modeRows: Readonly<Record<Exclude<ColourMode, 'op class' | 'time'>, readonly (readonly [string, string])[]>> = {
  'runtime precision': [
    ['FP32', 'var(--op-layer)'],
    ['FP16', 'var(--op-pool)'],
    ['INT8', 'var(--op-quant)'],
    ['INT4', 'var(--fused)'],
    ['not run as a layer', 'var(--line-2)'],
  ],
  'weight precision': [
    ['FP32', 'var(--op-layer)'],
    ['FP16', 'var(--op-pool)'],
    ['INT8', 'var(--op-quant)'],
    ['INT4', 'var(--fused)'],
    ['no weights', 'var(--line-2)'],
  ],
  sensitivity: [
    ['sensitive', 'var(--caution)'],
    ['others', 'var(--line-2)'],
  ],
  change: [
    ['several nodes became this', 'var(--fused)'],
    ['made by a pass', 'var(--better)'],
    ['replaced', 'var(--caution)'],
    ['as it was opened', 'var(--line-2)'],
  ],
}

/** What the colours mean, and how much of each there is. Folded at first where the drawing runs under it. */
export function Legend() {
  const mode = useStore(sessionStore, ({ colourBy }) => colourBy)
  const folded = useStore(viewStore, ({ legendFolded }) => legendFolded)
  useRoomForWords()
  const toggle = () => viewStore.setState({ legendFolded: !folded })
  return (
    <section className={folded ? 'legend folded' : 'legend'} aria-label="Legend">
      <button type="button" className="legend-head" aria-expanded={!folded} onClick={toggle}>
        <Icon name={folded ? 'right' : 'down'} size={11} />
        {mode}
      </button>
      {!folded && bodyOf(mode)}
    </section>
  )
}

/** What can be fused is found after the graph is drawn: where its words would stand under the legend, that folds, once. */
function useRoomForWords(): void {
  const index = useStore(viewStore, ({ index }) => index)
  const marks = useStore(viewStore, ({ findings }) => findings.marks)
  const looked = useRef<GraphIndex | null>(null)
  useEffect(() => {
    const { seen, zoom } = seenStore.getState()
    const words = marks.filter(({ spelled }) => spelled).map(labelPlace)
    if (!seen || words.length === 0 || looked.current === index) return
    looked.current = index
    const { width, height } = viewStore.getState().corner
    const [right, bottom] = [seen.x + seen.width, seen.y + seen.height]
    const under = { x: right - (width + 12) / zoom, y: bottom - (height + 12) / zoom, width: width / zoom, height: height / zoom }
    if (words.some((place) => overlaps(place, under))) viewStore.setState({ legendFolded: true })
  }, [index, marks])
}

function bodyOf(mode: ColourMode): ReactNode {
  if (mode === 'op class') return <ClassLegend />
  if (mode === 'time') return <TimeLegend />
  if (mode === 'runtime precision') return <RuntimeLegend rows={modeRows[mode]} />
  return <Rows rows={modeRows[mode]} />
}

type Rows = readonly (readonly [string, string])[]

/** What was executed is known once it was. */
function RuntimeLegend({ rows }: { rows: Rows }) {
  const candidate = useCandidate()
  return candidate ? <Rows rows={rows} /> : <p>Run the pipeline to see in which numbers the runtime computes each layer.</p>
}

function Rows({ rows }: { rows: Rows }) {
  return (
    <ul>
      {rows.map(([name, colour]) => (
        <li key={name}>
          <i className="sw" style={{ background: colour }} />
          {name}
        </li>
      ))}
    </ul>
  )
}

/** Heat is logarithmic: the scale says from where to where. */
function TimeLegend() {
  const candidate = useCandidate()
  const onSource = useShownStage() === sourceId
  const times = (candidate?.layers ?? []).flatMap(({ kind, latencyMs }) => {
    const reading = onSource ? latencyMs.baseline : latencyMs.candidate
    return kind === 'layer' && typeof reading === 'number' && reading > 0 ? [reading] : []
  })
  if (times.length === 0) return <p>Run the pipeline to colour layers by their time.</p>
  return (
    <div>
      of the layer, logarithmic
      <span className="heat" />
      <span className="heat-ends">
        <span>{three(Math.min(...times))} ms</span>
        <span>{three(Math.max(...times))} ms</span>
      </span>
    </div>
  )
}

function ClassLegend() {
  const index = useStore(viewStore, ({ index }) => index)
  const { fusable, nearMisses, sensitive } = useStore(viewStore, ({ findings }) => findings.counts)
  const counts = useMemo(() => {
    const found = new Map<OpClass, number>()
    for (const { opType } of index?.inside.get(rootId) ?? []) found.set(opClassOf(opType), (found.get(opClassOf(opType)) ?? 0) + 1)
    return [...found].sort((a, b) => b[1] - a[1])
  }, [index])
  return (
    <ul>
      {counts.map(([name, count]) => (
        <li key={name}>
          <i className="sw" style={{ background: `var(--op-${name})` }} />
          {classNames[name]}
          <span>{count}</span>
        </li>
      ))}
      {fusable > 0 && (
        <li>
          <i className="sign fusable" />
          can fuse<span>{fusable}</span>
        </li>
      )}
      {nearMisses > 0 && (
        <li>
          <i className="sign near-miss" />
          near-miss<span>{nearMisses}</span>
        </li>
      )}
      {sensitive > 0 && (
        <li>
          <Icon name="caution" className="caution" size={13} />
          sensitive<span>{sensitive}</span>
        </li>
      )}
    </ul>
  )
}
