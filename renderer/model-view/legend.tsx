import { useMemo } from 'react'
import { useStore } from 'zustand'
import { Icon } from '../ui/icon.tsx'
import { classNames, type OpClass, opClassOf } from './op-class.ts'
import { viewStore } from './view-store.ts'

/** What the colours mean, and how much of each there is. */
export function Legend() {
  const index = useStore(viewStore, ({ index }) => index)
  const { fusable, nearMisses, sensitive } = useStore(viewStore, ({ findings }) => findings.counts)
  const counts = useMemo(() => {
    const found = new Map<OpClass, number>()
    for (const { opType } of index?.nodes.values() ?? []) found.set(opClassOf(opType), (found.get(opClassOf(opType)) ?? 0) + 1)
    return [...found].sort((a, b) => b[1] - a[1])
  }, [index])
  return (
    <ul className="legend">
      {counts.map(([name, count]) => (
        <li key={name}>
          <i className="sw" style={{ background: `var(--op-${name})` }} />
          {classNames[name]}
          <span>{count}</span>
        </li>
      ))}
      {fusable > 0 && (
        <li>
          <i className="sign fusable" />
          can fuse<span>{fusable}</span>
        </li>
      )}
      {nearMisses > 0 && (
        <li>
          <i className="sign near-miss" />
          near-miss<span>{nearMisses}</span>
        </li>
      )}
      {sensitive > 0 && (
        <li>
          <Icon name="caution" className="caution" size={13} />
          sensitive<span>{sensitive}</span>
        </li>
      )}
    </ul>
  )
}
