import { createStore } from 'zustand/vanilla'

export interface Paint {
  readonly bar: string
  readonly tint: string
}

/** Colours by node where they do not follow the operator class; `null` when they do. */
export const colourStore = createStore<{ readonly paint: ReadonlyMap<string, Paint> | null }>(() => ({ paint: null }))
