import { useState } from 'react'
import { useStore } from 'zustand'
import type { WouldChange } from '../../../core/api/answers.ts'
import { families, type PassInfo } from '../../../core/api/pipeline.ts'
import { addPass } from '../../actions/pipeline.ts'
import { beginDrag, endDrag } from '../../pipeline-view/dragging.ts'
import { useShownStage } from '../../resources/shown-stage.ts'
import { useVersion, useWouldChange } from '../../resources/views.ts'
import { documentStore } from '../../stores/document.ts'
import { sourceId } from '../../stores/pipeline-edit.ts'
import { sessionStore } from '../../stores/session.ts'
import { Icon } from '../../ui/icon.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import './library.css'

const titles = { tidy: 'Tidy', fuse: 'Fuse', precision: 'Precision' } as const

/** The passes by family, each with what it would do to the version on screen. Folds to a rail. */
export function Library({ folded }: { folded: boolean }) {
  const unfold = () => sessionStore.setState({ paletteFolded: !folded })
  if (folded)
    return (
      <aside className="col panel palette">
        <button type="button" className="rail" onClick={unfold} aria-label="Unfold the passes">
          <Icon name="passes" />
          <span>Passes</span>
        </button>
      </aside>
    )
  return <Passes onFold={unfold} />
}

function Passes({ onFold }: { onFold: () => void }) {
  const passes = useStore(sessionStore, ({ passes }) => passes)
  const stage = useShownStage()
  const target = useStore(documentStore, ({ pipeline }) => pipeline.target)
  const version = useVersion(stage) ?? null
  const changes = useWouldChange(version, target)
  const [sought, setSought] = useState('')
  const found = passes.filter(({ title, summary, id }) => `${title} ${summary} ${id}`.toLowerCase().includes(sought.toLowerCase()))
  return (
    <aside className="col panel palette">
      <div className="head">
        <h2>Passes</h2>
        <span className="t3 sm grow ell">{stage === sourceId ? 'on the opened model' : `on the model after ${stage}`}</span>
        <button type="button" className="btn quiet small" aria-label="Fold the passes" onClick={onFold}>
          <Icon name="passes" />
        </button>
      </div>
      <label className="seek">
        <Icon name="find" className="t3" />
        <input value={sought} onChange={(event) => setSought(event.target.value)} placeholder="Find a pass" aria-label="Find a pass" />
      </label>
      <div className="scroll grow">
        {changes.state === 'failed' && <ProblemNote problem={changes.problem} onRetry={changes.retry} />}
        {families.map((family) => {
          const members = found.filter((pass) => pass.family === family)
          if (members.length === 0) return null
          return (
            <section key={family}>
              <h3 className="fam">{titles[family]}</h3>
              <ul>
                {members.map((pass) => (
                  <Pass key={pass.id} pass={pass} change={changeOf(pass, changes.state === 'ready' ? changes.value : null)} />
                ))}
              </ul>
            </section>
          )
        })}
        {found.length === 0 && <p className="nothing">No pass is called “{sought}”.</p>}
      </div>
    </aside>
  )
}

type Change = WouldChange[number] | null

const changeOf = ({ id }: PassInfo, changes: WouldChange | null): Change => changes?.find(({ pass }) => pass === id) ?? null

function Pass({ pass, change }: { pass: PassInfo; change: Change }) {
  return (
    <li>
      <button
        type="button"
        className="pass"
        title={`${pass.summary}\nClick to add it at the end; drag it onto the pipeline to put it elsewhere.`}
        draggable
        onDragStart={(event) => beginDrag(event, { kind: 'pass', pass: pass.id })}
        onDragEnd={endDrag}
        onClick={() => addPass(pass.id)}
      >
        <span className="title">{pass.title}</span>
        <span className="f">{pass.fidelity}</span>
        <Badge change={change} />
      </button>
    </li>
  )
}

function Badge({ change }: { change: Change }) {
  if (!change) return <span className="badge no">counting…</span>
  if (change.nodes !== null && change.nodes > 0)
    return (
      <span className="badge do">
        <span>
          would change <b>{change.nodes}</b> {change.nodes === 1 ? 'node' : 'nodes'}
        </span>
      </span>
    )
  if (change.nodes === null && change.atMost !== null && change.atMost > 0)
    return (
      <span className="badge do" title="Which of them, and what else follows, is known only once it has run.">
        <span>
          up to <b>{change.atMost}</b> {change.atMost === 1 ? 'node' : 'nodes'}
        </span>
      </span>
    )
  const why = change.why ?? (change.nodes === null ? 'known only once it has run' : 'nothing to change')
  return (
    <span className="badge no" title={why}>
      <span className="ell">{why}</span>
    </span>
  )
}
