import { useStore } from 'zustand'
import { useShownStage } from '../../resources/shown-stage.ts'
import { useVersion } from '../../resources/views.ts'
import { sessionStore } from '../../stores/session.ts'
import { Recommendation } from '../recommend/recommendation.tsx'
import { GroupInspector } from './group-inspector.tsx'
import { ModelInspector } from './model-inspector.tsx'
import { NodeInspector } from './node-inspector.tsx'
import { NodesInspector } from './nodes-inspector.tsx'
import { StageInspector } from './stage-inspector.tsx'
import './inspector.css'

/** All about what is selected: a node, a group, a stage, else the model. */
export function Inspector() {
  const selection = useStore(sessionStore, ({ selection }) => selection)
  const version = useVersion(useShownStage())
  return (
    <aside className="col panel side insp" aria-label="Inspector">
      <div className="scroll grow">
        <Recommendation />
        {selection?.kind === 'node' && <NodeInspector id={selection.id} version={version} />}
        {selection?.kind === 'group' && <GroupInspector id={selection.id} />}
        {selection?.kind === 'nodes' && <NodesInspector ids={selection.ids} />}
        {selection?.kind === 'stage' && <StageInspector key={selection.id} id={selection.id} />}
        {!selection && <ModelInspector version={version} />}
      </div>
    </aside>
  )
}
