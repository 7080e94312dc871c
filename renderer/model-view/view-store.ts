import { createStore } from 'zustand/vanilla'
import type { Findings } from './findings.ts'
import { noFindings } from './findings.ts'
import type { GraphIndex } from './graph-index.ts'
import type { Rect, Scene } from './scene.ts'

/** What the model view shows at the moment; other panels look at it, none but it writes. */
export interface ViewState {
  readonly index: GraphIndex | null
  readonly scene: Scene | null
  readonly findings: Findings
  /** The value under the pointer. */
  readonly wire: string | null
  /** What stands on the nodes. */
  readonly shown: { readonly attributes: boolean; readonly weights: boolean; readonly names: boolean }
  readonly legendFolded: boolean
  /** Pixels that legend and map take from the lower right corner of the canvas. */
  readonly corner: { readonly width: number; readonly height: number }
  readonly search: string
  readonly matches: readonly string[]
}

export const viewStore = createStore<ViewState>(() => ({
  index: null,
  scene: null,
  findings: noFindings,
  wire: null,
  shown: { attributes: true, weights: true, names: false },
  legendFolded: false,
  corner: { width: 0, height: 0 },
  search: '',
  matches: [],
}))

export interface SeenState {
  readonly zoom: number
  /** The part of the drawing in view. */
  readonly seen: Rect | null
}

/** Where the view stands. It changes with every frame of a movement, so what every row listens to is another store. */
export const seenStore = createStore<SeenState>(() => ({ zoom: 1, seen: null }))

/** Ways to move the picture, set by the view while it stands. */
export interface Camera {
  fit(): void
  show(id: string): void
  zoomTo(zoom: number): void
  /** @param smooth glides there, unless it follows a pointer that drags */
  centre(x: number, y: number, smooth?: boolean): void
  /** As large as a part of the drawing can be shown. */
  zoomInto(rect: Rect): void
}

let camera: Camera | null = null
export const setCamera = (next: Camera | null): void => {
  camera = next
}
export const currentCamera = (): Camera | null => camera
