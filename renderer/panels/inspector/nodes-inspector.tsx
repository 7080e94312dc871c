import { useStore } from 'zustand'
import { viewStore } from '../../model-view/view-store.ts'
import { bytes, plain } from '../../ui/figures.ts'
import { Num } from '../../ui/number.tsx'
import { Section } from '../../ui/section.tsx'
import { heavyOf, Operators } from './operators.tsx'
import { KeepButtons } from './sensitive-note.tsx'

/** Several nodes at once: what they amount to, and the precision of all of them. */
export function NodesInspector({ ids }: { ids: ReadonlySet<string> }) {
  const index = useStore(viewStore, ({ index }) => index)
  const nodes = [...ids].flatMap((id) => index?.nodes.get(id) ?? [])
  if (nodes.length === 0) return <p className="insp-head t2">These nodes are not in the version on screen.</p>
  const refs = heavyOf(nodes)
  return (
    <>
      <div className="insp-head">
        <div className="line">
          <h2>{plain(nodes.length)} nodes</h2>
          <span className="t3 sm">selection</span>
        </div>
        <p className="t2">Shift with a click adds or takes away, Escape lets go.</p>
      </div>
      <Section title="Totals">
        <dl className="kv">
          <dt>Weights</dt>
          <dd>
            <Num figure={bytes(nodes.reduce((sum, { weightBytes }) => sum + weightBytes, 0))} />
          </dd>
        </dl>
      </Section>
      {refs.length > 0 && (
        <Section title="Precision" note={refs.length === 1 ? '1 product' : `${refs.length} products`}>
          <KeepButtons refs={refs} />
        </Section>
      )}
      <Operators nodes={nodes} />
    </>
  )
}
