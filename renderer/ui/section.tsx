import { type ReactNode, useState } from 'react'
import { Icon } from './icon.tsx'

/** A part of the inspector that folds. */
export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  const [open, setOpen] = useState(true)
  return (
    <section>
      <h3>
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'down' : 'right'} className="t3" />
          {title}
        </button>
        <span>{note}</span>
      </h3>
      {open && children}
    </section>
  )
}
