import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedData } from '../../../core/data/open.ts'
import { feedsOf } from '../../../core/data/samples.ts'
import { recordedRelation } from '../../../core/measure/relation.ts'
import { groupRows } from '../../../core/measure/rows.ts'
import { prepareVersion } from '../../../core/measure/version.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import { layersOf } from '../../../core/structure/layer.ts'
import { workshop } from '../../support/pass-context.ts'

const place = await workshop()
const { runtime, store } = place
const bench = { runtime, provider: 'cpu', threads: 1 }
const models = ['samples/text-bert/model.onnx', '../shared/models/text_bert/model.onnx', '../shared/models/text_llama/model.onnx']

async function rowsOf(path: string) {
  const opened = openModel(path).freeze()
  const { evaluation } = await generatedData({ graph: opened.graph, store, count: 1 })
  const feeds = await feedsOf(evaluation!.table, 0, 1)
  let fused = opened
  for (const pass of [cleanUp, fuse]) fused = (await place.run(pass as typeof cleanUp, fused)).parts[0]!
  const baseline = await prepareVersion(opened, feeds, (await store.scratch('baseline')).path, bench)
  const candidate = await prepareVersion(fused.freeze(), feeds, (await store.scratch('candidate')).path, bench)
  const relation = recordedRelation(baseline.executed.version, candidate.executed.version)
  return { baseline, candidate, groups: groupRows({ layers: layersOf(opened), baseline, candidate, relation }) }
}

describe.each(models)('rows of %s, cleaned up and fused', (path) => {
  it.skipIf(!existsSync(path))('hold every kernel once, and no more layers than their kernels join', async () => {
    const { baseline, candidate, groups } = await rowsOf(path)
    for (const [side, { executed }] of [
      ['baseline', baseline],
      ['candidate', candidate],
    ] as const) {
      const placed = [...groups.rows.map(({ kernels }) => kernels), groups.boundary, groups.untied].flatMap((kernels) => kernels[side])
      expect(placed.length).toBe(executed.kernels.graph.nodeCount)
      expect(new Set(placed).size).toBe(placed.length)
    }
    // What all blocks share, such as a mask, ties none of them together.
    const blocksOf = (names: readonly string[]) => new Set(names.flatMap((name) => /layers?\.(\d+)\./.exec(name)?.[1] ?? []))
    const joined = groups.rows.map(({ layers }) => layers.map(({ name }) => name)).filter((names) => blocksOf(names).size > 2)
    expect(joined).toEqual([])
    expect(groups.rows.filter(({ layers }) => layers.some(({ role }) => role === 'linear' || role === 'attention')).length).toBeGreaterThan(
      15,
    )
  })
})
