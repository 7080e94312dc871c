import type { Dataset, Split } from '../api/dataset.ts'
import type { Store } from '../store/store.ts'
import type { InputSpec, LoadedSplit } from './columns.ts'
import type { Manifest } from './manifest.ts'
import { loadNpz } from './npz.ts'

export interface LoadRequest {
  /** Absolute path of the split's file or folder. */
  readonly file: string
  readonly split: Split
  readonly manifest: Manifest
  readonly inputs: readonly InputSpec[]
  readonly store: Store
  /** Leave broken samples out and say so, instead of failing at the first. */
  readonly skipBroken: boolean
  /** Samples to prepare at most; arrays that are used as they lie may give more. */
  readonly limit: number
}

export type LoadSplit = (request: LoadRequest) => Promise<LoadedSplit>

/** How each kind of dataset becomes raw columns. Decoders and tokenizers are loaded when a dataset needs them. */
export const loaders: Readonly<Record<Dataset['kind'], LoadSplit>> = {
  npz: ({ file, split, store, manifest }) =>
    loadNpz(file, split.labels, store, { classes: manifest.dataset.classes, manifest: manifest.path }),
  images: async (request) => (await import('./images.ts')).loadImages(request),
  text: async (request) => (await import('./text.ts')).loadText(request),
  table: async (request) => (await import('./table.ts')).loadTable(request),
}
