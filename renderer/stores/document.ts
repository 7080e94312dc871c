import { createStore } from 'zustand/vanilla'
import type { Pipeline } from '../../core/api/pipeline.ts'
import { type WiredPipeline, wired } from './pipeline-edit.ts'

export const emptyPipeline: WiredPipeline = { lathe: 1, name: 'New pipeline', target: 'ort', stages: [], wires: [] }

export interface DocumentState {
  readonly pipeline: WiredPipeline
  readonly past: readonly WiredPipeline[]
  readonly future: readonly WiredPipeline[]
}

const deepest = 200

/** The pipeline as a document: every change is one step that can be undone. */
export const createDocument = (pipeline: WiredPipeline = emptyPipeline) => {
  const store = createStore<DocumentState>(() => ({ pipeline, past: [], future: [] }))
  return Object.assign(store, {
    /** Applies an edit; one that changes nothing leaves no step. */
    edit(change: (pipeline: WiredPipeline) => WiredPipeline) {
      const { pipeline: current, past } = store.getState()
      const next = change(current)
      if (next !== current) store.setState({ pipeline: next, past: [...past, current].slice(-deepest), future: [] })
    },
    replace(next: Pipeline) {
      this.edit(() => wired(next))
    },
    /** Begins anew: nothing to undo. */
    load(next: Pipeline) {
      store.setState({ pipeline: wired(next), past: [], future: [] })
    },
    undo() {
      const { pipeline: current, past, future } = store.getState()
      const previous = past.at(-1)
      if (previous) store.setState({ pipeline: previous, past: past.slice(0, -1), future: [current, ...future] })
    },
    redo() {
      const { pipeline: current, past, future } = store.getState()
      const next = future[0]
      if (next) store.setState({ pipeline: next, past: [...past, current], future: future.slice(1) })
    },
  })
}

export const documentStore = createDocument()
