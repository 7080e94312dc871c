import { createStore } from 'zustand/vanilla'
import { noRun, type RunState } from './run-state.ts'

/** The run on screen. */
export const runStore = createStore<RunState>(() => noRun)
