import { expect, it } from 'vitest'
import { graphChanges } from '../../../core/engine/graph-changes.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { workshop } from '../../support/pass-context.ts'

const place = await workshop()

it('puts alike changes together, and counts every node that changed', async () => {
  const source = openModel('samples/digits-cnn/model.onnx').freeze()
  const [model] = (await place.run(cleanUp, source)).parts
  const { summary, groups, more } = graphChanges(source, [{ stage: 'tidy', model: model! }])
  expect(more).toBe(0)
  const counted = (kind: string) => groups.filter((group) => group.kind === kind).reduce((sum, { count }) => sum + count, 0)
  for (const kind of ['changed', 'fused', 'added', 'removed'] as const) expect(counted(kind), kind).toBe(summary[kind])
  expect(groups[0]!.count).toBeGreaterThanOrEqual(15)
  expect(groups.length).toBeLessThan(20)
  expect(groups.find(({ before }) => before.join() === 'CastLike')).toMatchObject({ kind: 'removed', after: [], count: 15 })
})

it('is empty where nothing was done', () => {
  const source = openModel('samples/digits-cnn/model.onnx').freeze()
  expect(graphChanges(source, [])).toMatchObject({ summary: { same: 117, changed: 0 }, groups: [] })
})
