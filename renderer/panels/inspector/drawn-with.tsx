import { useMemo } from 'react'
import { useStore } from 'zustand'
import { helpersByRow } from '../../model-view/graph-index.ts'
import { goTo } from '../../model-view/model-tools.tsx'
import { viewStore } from '../../model-view/view-store.ts'
import { Section } from '../../ui/section.tsx'

/** What prepares constants for a node stands in its row: one finds it here, and from there the way back. */
export function DrawnWith({ node }: { node: string }) {
  const index = useStore(viewStore, ({ index }) => index)
  const helpers = useMemo(() => (index ? (helpersByRow(index).get(node) ?? []) : []), [index, node])
  const row = index?.nodes.get(index.helpers.get(node) ?? '')
  if (row)
    return (
      <p className="drawn-with sm t2">
        Prepares a constant, and is drawn with{' '}
        <button type="button" className="btn link sm" onClick={() => goTo(row.id)}>
          {row.opType} {row.name}
        </button>
      </p>
    )
  if (helpers.length === 0) return null
  return (
    <Section title="Prepares its constants" note={helpers.length}>
      <ul className="notes">
        {helpers.map(({ id, opType, name }) => (
          <li key={id} className="ell">
            <button type="button" className="btn link sm" title={name} onClick={() => goTo(id)}>
              {opType} <span className="mono">{name}</span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  )
}
