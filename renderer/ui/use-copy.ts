import { useState } from 'react'

/** Copying a text, and what the button says afterwards; `null` before. A page that the browser does not trust has no clipboard at all. */
export function useCopy(): { readonly said: string | null; readonly copy: (text: string) => Promise<void> } {
  const [said, setSaid] = useState<string | null>(null)
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      setSaid('Not copied: the browser refuses its clipboard')
    }
  }
  return { said, copy }
}
