import { useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../stores/document.ts'
import { sourceId } from '../stores/pipeline-edit.ts'
import { DropSpot } from './drop-spot.tsx'
import { LeafFigures } from './leaf-figures.tsx'
import { type PlacedWire, placeCards } from './place-cards.ts'
import { StageCard } from './stage-card.tsx'
import { useDrop } from './use-drop.ts'

/** Cards and wires. What is dropped onto a wire goes in there, onto a card behind it, below a card starts a branch. */
export function PipelineStrip() {
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const placed = useMemo(() => placeCards(pipeline), [pipeline])
  const empty = pipeline.stages.length === 0
  const strip = useRef<HTMLDivElement>(null)
  useDrop(strip, { after: placed.leaves[0]?.id ?? sourceId })
  return (
    <div ref={strip} className="pipe" style={{ height: Math.min(232, Math.max(78, placed.height)) }}>
      <div style={{ width: placed.width, height: placed.height - 1 }}>
        <svg className="g" width={placed.width} height={placed.height} aria-hidden="true">
          {placed.wires.map(({ wire, path }) => (
            <path key={wire.join('>')} className="e" d={path} markerEnd="url(#pipe-arrow)" />
          ))}
          {placed.leaves.map(({ id, x, y }) => id !== sourceId && <path key={id} className="e" d={`M${x} ${y + 0.5}h14`} />)}
          <defs>
            <marker id="pipe-arrow" viewBox="0 0 5 6" refX="1" refY="3" markerWidth="5" markerHeight="6" orient="auto">
              <path className="a" d="M0 0.4L5 3 0 5.6z" />
            </marker>
          </defs>
        </svg>
        {placed.wires.map((wire) => (
          <WireDrop key={wire.wire.join('>')} wire={wire} />
        ))}
        {placed.cards.map((card) => (
          <StageCard key={card.id} card={card} stage={pipeline.stages.find(({ id }) => id === card.id) ?? null} />
        ))}
        {placed.leaves.map((leaf) => (
          <LeafFigures key={leaf.id} leaf={leaf} stripWidth={placed.width} />
        ))}
        {empty && <p className="pipe-hint">Drag passes here, click them, or take a preset from the menu at the right.</p>}
      </div>
    </div>
  )
}

/** Where a stage can be put in between. */
function WireDrop({ wire: { wire, x, y } }: { wire: PlacedWire }) {
  return (
    <DropSpot className="wire-drop" style={{ left: x - 15, top: y - 22 }} spot={{ on: wire }} label={`Between ${wire[0]} and ${wire[1]}`} />
  )
}
