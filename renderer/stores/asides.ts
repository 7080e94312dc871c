import { createStore } from 'zustand/vanilla'
import type { Opened } from '../../core/api/answers.ts'

/** Models that are open beside the one on screen, to be compared with it; by the name that stands for a version. */
export const asideStore = createStore<{ readonly files: ReadonlyMap<string, Opened> }>(() => ({ files: new Map() }))

/** Names begin with a sign that no stage id may hold. */
const sign = '/'
export const isAside = (version: string): boolean => version.startsWith(sign)
export const asideName = (version: string): string => version.slice(sign.length)

/** Takes a model in; gives the name of its version. A file of the same name takes the other's place. */
export function addAside(opened: Opened): string {
  const id = `${sign}${opened.name}`
  asideStore.setState(({ files }) => ({ files: new Map([...files, [id, opened]]) }))
  return id
}
