import { Menu } from '@mantine/core'
import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

export interface Choice {
  readonly id: string
  readonly title: ReactNode
  readonly note?: string
  readonly disabled?: boolean
}

/** A quiet menu of one choice: `Target  ONNX Runtime, CPU v`. */
export function Pick({
  label,
  value,
  choices,
  onPick,
  className = '',
  disabled = false,
}: {
  label: string
  value: string
  choices: readonly Choice[]
  onPick: (id: string) => void
  className?: string
  disabled?: boolean
}) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <button type="button" className={`pick ${className}`} disabled={disabled}>
          <span className="lbl">{label}</span> <b title={value}>{value}</b>
          <Icon name="down" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ id, title, note, disabled: off }) => (
          <Menu.Item key={id} disabled={off} onClick={() => onPick(id)}>
            {title}
            {note && <span className="menu-note">{note}</span>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
