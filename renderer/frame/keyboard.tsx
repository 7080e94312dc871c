import { useEffect } from 'react'
import { openExport } from '../actions/export.ts'
import { openDialog } from '../actions/open.ts'
import { startRun } from '../actions/run.ts'
import { savePipeline } from '../actions/save-pipeline.ts'
import { documentStore } from '../stores/document.ts'

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Keys with Cmd or Ctrl, wherever the focus is. */
const commands: Readonly<Record<string, () => void>> = {
  o: () => void openDialog(),
  s: savePipeline,
  enter: () => void startRun(),
  'shift+e': () => openExport(),
  z: () => documentStore.undo(),
  'shift+z': () => documentStore.redo(),
  y: () => documentStore.redo(),
}

export function Keyboard() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey)) return
      const name = `${event.shiftKey ? 'shift+' : ''}${event.key.toLowerCase()}`
      // In a field, undo is the field's own.
      if (name.endsWith('z') && isTyping(event.target)) return
      const command = commands[name]
      if (!command) return
      event.preventDefault()
      command()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return null
}
