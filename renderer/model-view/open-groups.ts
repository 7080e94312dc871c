import { createStore } from 'zustand/vanilla'

/** Groups that stand open, by group id; the same in every version of a model. */
export const openGroups = createStore<{ readonly open: ReadonlySet<string> }>(() => ({ open: new Set() }))

export function toggleGroup(id: string, parents: readonly string[] = []): void {
  const open = new Set(openGroups.getState().open)
  if (open.has(id)) open.delete(id)
  else for (const group of [...parents, id]) open.add(group)
  openGroups.setState({ open })
}

/** Opens everything around a place, so that it can be seen. */
export function reveal(path: readonly string[]): void {
  const { open } = openGroups.getState()
  if (path.some((group) => !open.has(group))) openGroups.setState({ open: new Set([...open, ...path]) })
}

export const openOnly = (ids: Iterable<string>): void => openGroups.setState({ open: new Set(ids) })
