import { createStore } from 'zustand/vanilla'
import type { GraphIndex } from './graph-index.ts'

/** Groups that stand open, by group id; the same in every version of a model. */
export const openGroups = createStore<OpenGroups>(() => ({ open: new Set(), model: null, toggled: null }))

export interface OpenGroups {
  readonly open: ReadonlySet<string>
  /** The model that they were opened in. */
  readonly model: string | null
  /** The group that was opened or closed last by itself. */
  readonly toggled: string | null
}

/** Below this many nodes a group opens with everything in it. */
const smallEnough = 90

/** Opens or closes a group. What opens shows its own groups open too, unless there is too much in it. */
export function toggleGroup(id: string, { groups, inside }: Pick<GraphIndex, 'groups' | 'inside'>): void {
  const open = new Set(openGroups.getState().open)
  const closes = open.delete(id)
  if (!closes) open.add(id)
  if (!closes && (inside.get(id)?.length ?? 0) <= smallEnough) for (const inner of below(id, groups)) open.add(inner)
  openGroups.setState({ open, toggled: id })
}

function below(id: string, groups: GraphIndex['groups']): string[] {
  const inner = [...groups.values()].filter(({ parent }) => parent === id).map((group) => group.id)
  return [...inner, ...inner.flatMap((one) => below(one, groups))]
}

/** Opens everything around a place, so that it can be seen. */
export function reveal(path: readonly string[]): void {
  const { open } = openGroups.getState()
  if (path.some((group) => !open.has(group))) openGroups.setState({ open: new Set([...open, ...path]), toggled: null })
}

/** Opens these and no others, for a model that is new here or the one at hand. */
export const openOnly = (ids: Iterable<string>, model = openGroups.getState().model): void =>
  openGroups.setState({ open: new Set(ids), model, toggled: null })
