import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

/** An empty panel says what it would show and what to do. */
export function Empty({ icon = 'mark', title, children }: { icon?: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h3>{title}</h3>
      {children}
    </div>
  )
}

/** Something is on its way; named, so that one knows what. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="empty" role="status">
      <span className="progress waiting">
        <i />
      </span>
      <p>{what}</p>
    </div>
  )
}
