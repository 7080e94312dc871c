import { useStore } from 'zustand'
import { goOut, select, sessionStore } from '../stores/session.ts'
import { Icon } from '../ui/icon.tsx'
import { pathTo } from './graph-index.ts'
import { currentCamera, viewStore } from './view-store.ts'

/** Where the selection stands: the groups around it, outside in. */
export function Breadcrumbs() {
  const index = useStore(viewStore, ({ index }) => index)
  const selection = useStore(sessionStore, ({ selection }) => selection)
  const inside = useStore(sessionStore, ({ inside }) => inside)
  const name = useStore(sessionStore, ({ opened }) => opened?.name.replace(/\.(onnx|tflite)$/i, '') ?? 'model')
  if (!index) return null
  const path = selection && (selection.kind === 'node' || selection.kind === 'group') ? pathTo(index, selection.id) : []
  return (
    <nav className="crumb" aria-label="Groups around the selection">
      <button type="button" className="ell" title={name} onClick={() => (inside.length > 0 ? goOut(0) : currentCamera()?.fit())}>
        {name}
      </button>
      {inside.map(({ graph, label }, depth) => (
        <span key={graph} className="crumb-part">
          <Icon name="right" size={10} />
          <button type="button" className="ell" title={label} onClick={() => goOut(depth + 1)}>
            inside {label}
          </button>
        </span>
      ))}
      {path.map((id) => (
        <span key={id} className="crumb-part">
          <Icon name="right" size={10} />
          <button
            type="button"
            className="ell"
            title={index.groups.get(id)?.name ?? id}
            onClick={() => {
              select({ kind: 'group', id })
              currentCamera()?.show(id)
            }}
          >
            {index.groups.get(id)?.name ?? id}
          </button>
        </span>
      ))}
    </nav>
  )
}
