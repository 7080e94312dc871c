import { useState } from 'react'
import { useStore } from 'zustand'
import { openAside, tell } from '../actions/open.ts'
import { letterOf } from '../frame/candidate-figures.tsx'
import type { GraphIndex } from '../model-view/graph-index.ts'
import type { ViewLink } from '../model-view/link.ts'
import { addAside, asideName, isAside } from '../stores/asides.ts'
import { runStore } from '../stores/run.ts'
import { bytes, plain } from '../ui/figures.ts'
import { Icon } from '../ui/icon.tsx'
import { Num } from '../ui/number.tsx'
import { Pick } from '../ui/pick.tsx'
import { diffStore } from './diff-store.ts'
import { useRight, useVersions } from './use-sides.ts'

export const fileChoice = { id: '', title: 'A file from disk…', note: 'another .onnx, matched by structure or by a lineage.json beside it' }

/** A version for one side; the empty name asks for a file. */
export function choose(side: 'left' | 'right', id: string): void {
  if (id !== fileChoice.id) diffStore.setState({ [side]: id })
  else
    void openAside().then((opened) => {
      if (opened) diffStore.setState({ [side]: addAside(opened) })
    }, tell)
}

/** Which two versions stand side by side, and whether they move together. */
export function PairHead({ link, left, right }: { link: ViewLink; left: GraphIndex; right: GraphIndex }) {
  const from = useStore(diffStore, (state) => state.left)
  const to = useRight()
  const [linked, setLinked] = useState(true)
  const versions = useVersions()
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const titleOf = (id: string) => {
    if (isAside(id)) return asideName(id)
    return candidates.some((one) => one.id === id) ? `${letterOf(candidates, id)} ${id}` : id
  }
  const choices = [...versions.map((id) => ({ id, title: titleOf(id) })), fileChoice]
  const toggle = () => {
    link.linked = !linked
    setLinked(!linked)
  }
  return (
    <div className="pair">
      <div>
        <Pick label="left" value={titleOf(from)} choices={choices} onPick={(id) => choose('left', id)} />
        <Facts index={left} />
      </div>
      <div>
        <Pick label="right" value={to === null ? '' : titleOf(to)} choices={choices} onPick={(id) => choose('right', id)} />
        <Facts index={right} />
      </div>
      <button
        type="button"
        className="lk"
        aria-pressed={linked}
        aria-label="Move both together"
        title="Move both together"
        onClick={toggle}
      >
        <Icon name="link" />
      </button>
    </div>
  )
}

function Facts({ index }: { index: GraphIndex }) {
  const weight = [...index.nodes.values()].reduce((sum, node) => sum + node.weightBytes, 0)
  return (
    <span className="t2 nw">
      {plain(index.nodes.size)} nodes, weights <Num figure={bytes(weight)} />
    </span>
  )
}
