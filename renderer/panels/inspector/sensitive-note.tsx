import { useStore } from 'zustand'
import { keepInFloat, keptNodes } from '../../actions/keep.ts'
import { viewStore } from '../../model-view/view-store.ts'
import { documentStore } from '../../stores/document.ts'
import { sessionStore } from '../../stores/session.ts'
import { Icon } from '../../ui/icon.tsx'

/** Why a node is sensitive, and the one click that keeps its layer in full precision. */
export function SensitiveNote({ node }: { node: string }) {
  const reason = useStore(viewStore, ({ findings }) => findings.sensitive.get(node))
  const ref = useStore(viewStore, ({ index }) => index?.nodes.get(node)?.ref ?? null)
  if (reason === undefined || ref === null) return null
  return (
    <div className="sensitive-note">
      <h3>
        <Icon name="caution" className="caution" />
        Sensitive
      </h3>
      <p>{reason}</p>
      <KeepButtons refs={[ref]} />
    </div>
  )
}

/** Lands as an option of the precision passes in the pipeline. */
export function KeepButtons({ refs }: { refs: readonly string[] }) {
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const passes = useStore(sessionStore, ({ passes }) => passes)
  const { takers, kept } = keptNodes(pipeline, passes, refs)
  if (takers.length === 0) return <p className="t3 sm">No precision pass of this pipeline takes nodes to keep.</p>
  return (
    <>
      <div className="keep-row">
        <span className="t2">Keep in</span>
        <span className="seg">
          <button type="button" aria-pressed={!kept} onClick={() => keepInFloat(refs, false)}>
            lower
          </button>
          <button type="button" aria-pressed={kept} onClick={() => keepInFloat(refs, true)}>
            FP32
          </button>
        </span>
      </div>
      <p>{kept ? `An option of ${takers.join(', ')} at the next run.` : `Would become an option of ${takers.join(', ')}.`}</p>
    </>
  )
}
