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
  readonly zoom: number
  /** The part of the drawing in view. */
  readonly seen: Rect | null
  readonly legendFolded: boolean
  readonly search: string
  readonly matches: readonly string[]
}

export const viewStore = createStore<ViewState>(() => ({
  index: null,
  scene: null,
  findings: noFindings,
  wire: null,
  zoom: 1,
  seen: null,
  legendFolded: false,
  search: '',
  matches: [],
}))

/** Ways to move the picture, set by the view while it stands. */
export interface Camera {
  fit(): void
  show(id: string): void
  zoomTo(zoom: number): void
  centre(x: number, y: number): void
}

let camera: Camera | null = null
export const setCamera = (next: Camera | null): void => {
  camera = next
}
export const currentCamera = (): Camera | null => camera
