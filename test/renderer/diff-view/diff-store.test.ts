import { beforeEach, expect, it } from 'vitest'
import { chosenEntry, diffStore, walkChanges } from '../../../renderer/diff-view/diff-store.ts'
import type { ChangeEntry } from '../../../renderer/diff-view/from-changes.ts'

const entry = (id: string, kind: ChangeEntry['kind']): ChangeEntry => ({
  id,
  kind,
  title: id,
  detail: '',
  count: '',
  place: '',
  left: [],
  right: [],
})

beforeEach(() =>
  diffStore.setState({ entries: [entry('a', 'removed'), entry('b', 'fused'), entry('c', 'removed')], chosen: null, kind: 'all' }),
)

const walked = (...steps: (1 | -1)[]) =>
  steps.map((by) => {
    walkChanges(by)
    return chosenEntry(diffStore.getState())?.id
  })

it('walks the changes in their order, around the end', () => {
  expect(walked(1, 1, 1, 1, -1)).toEqual(['a', 'b', 'c', 'a', 'c'])
})

it('walks those of the chosen kind alone, from one of another kind too', () => {
  diffStore.setState({ kind: 'removed', chosen: 'b' })
  expect(walked(1, 1, 1)).toEqual(['a', 'c', 'a'])
  diffStore.setState({ kind: 'added' })
  expect(walked(1)).toEqual(['a'])
})
