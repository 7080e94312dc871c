import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { NodeView } from '../../core/api/graph-view.ts'
import type { GraphIndex } from './graph-index.ts'

export type Sign = 'added' | 'removed' | 'fused' | 'changed'

export interface Paint {
  readonly bar: string
  readonly tint: string
}

/** Colours by node where they do not follow the operator class; `null` when they do. */
export interface Colours {
  /** The graph whose nodes are painted. */
  readonly index: GraphIndex | null
  readonly paint: ReadonlyMap<string, Paint> | null
  /** What a node is in a diff: a glyph goes with every colour. */
  readonly signs: ReadonlyMap<string, Sign> | null
  /** Nodes of the change that is looked at. */
  readonly lit: ReadonlySet<string>
}

export const plainColours: Colours = { index: null, paint: null, signs: null, lit: new Set() }

const store = () => createStore<Colours>(() => plainColours)
export const colourStore = store()

/** The two graphs of a comparison may have nodes of the same id, and that mean different things: each has its own colours. */
export const sideColours = { left: store(), right: store() } as const

/** Which colours the boxes of a drawing wear. */
export const ColourContext = createContext(colourStore)
export const useColour = <T>(select: (colours: Colours) => T): T => useStore(useContext(ColourContext), select)

/** What became of most of the nodes of a group of which anything became something else, and of how many something did; `null` of none. */
export function mainSign(
  nodes: readonly Pick<NodeView, 'id'>[],
  signs: ReadonlyMap<string, Sign>,
): { readonly sign: Sign; readonly node: string; readonly touched: number } | null {
  const found = new Map<Sign, string[]>()
  for (const { id } of nodes) {
    const sign = signs.get(id)
    if (sign) found.set(sign, [...(found.get(sign) ?? []), id])
  }
  const [most] = [...found].sort(([, a], [, b]) => b.length - a.length)
  return most ? { sign: most[0], node: most[1][0]!, touched: [...found.values()].reduce((sum, ids) => sum + ids.length, 0) } : null
}

/** The paint of most weight among nodes; of most nodes where none has weights. */
export function mainPaint(nodes: readonly NodeView[], paint: ReadonlyMap<string, Paint>): Paint | undefined {
  const shares = new Map<string, { paint: Paint; share: number }>()
  for (const { id, weightBytes } of nodes) {
    const own = paint.get(id)
    if (!own) continue
    const known = shares.get(own.tint)
    shares.set(own.tint, { paint: own, share: (known?.share ?? 0) + weightBytes + 1 })
  }
  return [...shares.values()].sort((a, b) => b.share - a.share)[0]?.paint
}
