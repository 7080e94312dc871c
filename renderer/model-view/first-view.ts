import { type GraphIndex, rootId } from './graph-index.ts'

/** Groups that stand open at first: those that only wrap the rest, so that the first picture has something to say. */
export function openAtFirst(index: GraphIndex): string[] {
  const open: string[] = []
  for (let parent = rootId; ; ) {
    const groups = (index.children.get(parent) ?? []).flatMap((child) => (child.kind === 'group' ? [child.group.id] : []))
    const whole = index.inside.get(parent)!.length
    const wrapper = groups.find((id) => index.inside.get(id)!.length > whole * 0.6)
    const repeats = groups.length > 1 && new Set(groups.map((id) => index.groups.get(id)!.shape)).size < groups.length
    if (wrapper === undefined || repeats) return open
    open.push(wrapper)
    parent = wrapper
  }
}
