import { useState } from 'react'
import { useStore } from 'zustand'
import { keepInFloat, keptNodes } from '../../actions/keep.ts'
import { twinsOf } from '../../model-view/twins.ts'
import { viewStore } from '../../model-view/view-store.ts'
import { documentStore } from '../../stores/document.ts'
import { sessionStore } from '../../stores/session.ts'
import { Icon } from '../../ui/icon.tsx'

/** Why a node is sensitive, and the one click that keeps its layer in full precision. */
export function SensitiveNote({ node }: { node: string }) {
  const reason = useStore(viewStore, ({ findings }) => findings.sensitive.get(node))
  const ref = useStore(viewStore, ({ index }) => index?.nodes.get(node)?.ref ?? null)
  const index = useStore(viewStore, ({ index }) => index)
  if (reason === undefined || ref === null || index === null) return null
  const twins = twinsOf(index, node)
  return (
    <div className="sensitive-note">
      <h3>
        <Icon name="caution" className="caution" />
        Sensitive
      </h3>
      <p>{reason}</p>
      <KeepButtons refs={[ref]} twins={twins} />
    </div>
  )
}

/** Lands as an option of the precision passes in the pipeline; for all identical groups at once where there are any. */
export function KeepButtons({
  refs,
  twins = [],
  quiet = false,
}: {
  refs: readonly string[]
  twins?: readonly string[]
  /** Without the sentences around it. */
  quiet?: boolean
}) {
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const passes = useStore(sessionStore, ({ passes }) => passes)
  const [everywhere, setEverywhere] = useState(false)
  const layers = Math.round(twins.length / Math.max(1, refs.length))
  const wanted = everywhere ? twins : refs
  const { takers, kept } = keptNodes(pipeline, passes, wanted)
  if (takers.length === 0 && quiet) return null
  if (takers.length === 0) return <p className="t3 sm">No precision pass of this pipeline takes nodes to keep.</p>
  return (
    <>
      <div className="keep-row">
        <span className="t2">Keep in</span>
        <span className="seg">
          <button type="button" aria-pressed={!kept} onClick={() => keepInFloat(wanted, false)}>
            lower
          </button>
          <button type="button" aria-pressed={kept} onClick={() => keepInFloat(wanted, true)}>
            FP32
          </button>
        </span>
        {layers > 1 && (
          <label className="all-twins">
            <input type="checkbox" checked={everywhere} onChange={(event) => setEverywhere(event.target.checked)} /> all {layers} layers
          </label>
        )}
      </div>
      {!quiet && <p>{kept ? `An option of ${takers.join(', ')} at the next run.` : `Would become an option of ${takers.join(', ')}.`}</p>}
    </>
  )
}
