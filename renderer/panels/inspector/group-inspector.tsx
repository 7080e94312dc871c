import { useStore } from 'zustand'
import { openGroups, openOnly, toggleGroup } from '../../model-view/open-groups.ts'
import { viewStore } from '../../model-view/view-store.ts'
import { select } from '../../stores/session.ts'
import { bytes, plain } from '../../ui/figures.ts'
import { Num } from '../../ui/number.tsx'
import { Section } from '../../ui/section.tsx'
import { heavyOf, Operators } from './operators.tsx'
import { KeepButtons } from './sensitive-note.tsx'

/** Totals of a group, its twins, and what it is made of. */
export function GroupInspector({ id }: { id: string }) {
  const index = useStore(viewStore, ({ index }) => index)
  const open = useStore(openGroups, ({ open }) => open)
  const group = index?.groups.get(id)
  const nodes = index?.inside.get(id)
  if (!index || !group || !nodes) return <p className="insp-head t2">This group is not in the version on screen.</p>
  const twins = [...index.groups.values()].filter(({ shape }) => shape === group.shape)
  const weight = nodes.reduce((sum, node) => sum + node.weightBytes, 0)
  const refs = heavyOf(nodes)
  const openTwins = () => openOnly([...open, ...twins.map((twin) => twin.id)])
  return (
    <>
      <div className="insp-head">
        <div className="line">
          <h2>{group.name}</h2>
          <span className="t3 sm">group</span>
        </div>
        <p className="mono t2">{group.id}</p>
        {group.role && <p>{group.role}</p>}
      </div>
      <div className="stage-acts">
        <button type="button" className="btn small" onClick={() => toggleGroup(id, index)}>
          {open.has(id) ? 'Close' : 'Open'}
        </button>
        {twins.length > 1 && (
          <button type="button" className="btn small" onClick={openTwins}>
            Open all {twins.length}
          </button>
        )}
      </div>
      <Section title="Totals">
        <dl className="kv">
          <dt>Nodes</dt>
          <dd>{plain(nodes.length)}</dd>
          <dt>Weights</dt>
          <dd>
            <Num figure={bytes(weight)} />
          </dd>
          <dt>Identical</dt>
          <dd>{twins.length > 1 ? `one of ${twins.length}` : 'none'}</dd>
        </dl>
      </Section>
      {refs.length > 0 && (
        <Section title="Precision" note={`${refs.length} products`}>
          <KeepButtons refs={refs} twins={twins.flatMap((twin) => heavyOf(index.inside.get(twin.id) ?? []))} />
        </Section>
      )}
      {twins.length > 1 && (
        <Section title="Identical groups" note={twins.length}>
          <table className="met">
            <tbody>
              {twins.slice(0, 48).map((twin) => (
                <tr key={twin.id}>
                  <td style={{ textAlign: 'left' }}>
                    <button type="button" className={twin.id === id ? 'acc' : ''} onClick={() => select({ kind: 'group', id: twin.id })}>
                      {twin.name}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      <Operators nodes={nodes} />
    </>
  )
}
