import { useStore } from 'zustand'
import { letterOf, useCandidate } from '../../frame/candidate-figures.tsx'
import { runStore } from '../../stores/run.ts'
import { sessionStore } from '../../stores/session.ts'
import { Icon } from '../../ui/icon.tsx'
import { Pick } from '../../ui/pick.tsx'
import { type Filter, filters } from './layer-rows.ts'
import { layerView } from './layer-view.ts'

/** At the right of the tab row: which candidate, which layers. */
export function LayerTools() {
  const candidate = useCandidate()
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const { filter, search } = useStore(layerView)
  if (!candidate) return null
  return (
    <span className="tools">
      <Pick
        label="Compare source with"
        value={`${letterOf(candidates, candidate.id)} ${candidate.id}`}
        choices={candidates.map(({ id }) => ({ id, title: `${letterOf(candidates, id)} ${id}` }))}
        onPick={(id) => sessionStore.setState({ candidate: id })}
      />
      <Pick
        label="Show"
        value={filter}
        choices={filters.map((id) => ({ id, title: id }))}
        onPick={(id) => layerView.setState({ filter: id as Filter })}
      />
      <label className="field find">
        <Icon name="find" />
        <input
          value={search}
          onChange={(event) => layerView.setState({ search: event.target.value })}
          placeholder="Find a layer"
          aria-label="Find a layer"
        />
      </label>
    </span>
  )
}
