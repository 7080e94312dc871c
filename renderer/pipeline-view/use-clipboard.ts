import { useEffect } from 'react'
import { tell } from '../actions/open.ts'
import { paste } from '../actions/pipeline.ts'
import { documentStore } from '../stores/document.ts'
import { sessionStore } from '../stores/session.ts'
import { copiedText, pastedStages } from './clipboard.ts'

const inField = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('input, textarea, [contenteditable]') !== null

/** Copy takes the selected card, paste puts copied cards behind it. Text that somebody has marked is copied as text. */
export function useClipboard(): void {
  useEffect(() => {
    const onCopy = (event: ClipboardEvent) => {
      const { selection } = sessionStore.getState()
      if (selection?.kind !== 'stage' || inField(event.target) || getSelection()?.toString()) return
      const text = copiedText(documentStore.getState().pipeline, selection.id)
      if (text === null) return
      event.clipboardData?.setData('text/plain', text)
      event.preventDefault()
    }
    const onPaste = (event: ClipboardEvent) => {
      if (inField(event.target)) return
      try {
        const stages = pastedStages(event.clipboardData?.getData('text/plain') ?? '')
        if (stages === null) return
        event.preventDefault()
        sessionStore.setState({ problem: null })
        paste(stages)
      } catch (error) {
        tell(error)
      }
    }
    window.addEventListener('copy', onCopy)
    window.addEventListener('paste', onPaste)
    return () => {
      window.removeEventListener('copy', onCopy)
      window.removeEventListener('paste', onPaste)
    }
  }, [])
}
