import { createStore } from 'zustand/vanilla'
import type { Filter } from './layer-rows.ts'

/** Which layers the table shows. */
export const layerView = createStore<{ readonly filter: Filter; readonly search: string }>(() => ({ filter: 'all', search: '' }))
