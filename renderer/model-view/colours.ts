import { createStore } from 'zustand/vanilla'

export interface Paint {
  readonly bar: string
  readonly tint: string
}

/** Colours by node where they do not follow the operator class; `null` when they do. */
export interface Colours {
  readonly paint: ReadonlyMap<string, Paint> | null
  /** What a node is in a diff: a glyph goes with every colour. */
  readonly signs: ReadonlyMap<string, 'added' | 'removed' | 'fused' | 'changed'> | null
  /** Nodes of the change that is looked at. */
  readonly lit: ReadonlySet<string>
}

export const plainColours: Colours = { paint: null, signs: null, lit: new Set() }
export const colourStore = createStore<Colours>(() => plainColours)
