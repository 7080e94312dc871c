import { expect, it } from 'vitest'
import type { Pipeline } from '../../../core/api/pipeline.ts'
import { catalogue } from '../../../core/passes/catalogue.ts'
import { planOf } from '../../../core/pipeline/plan.ts'
import { createDocument } from '../../../renderer/stores/document.ts'
import { mended, pathOf, wired } from '../../../renderer/stores/pipeline-edit.ts'

const pipeline = (target: Pipeline['target'], ...stages: readonly [string, string, object?][]): Pipeline => ({
  lathe: 1,
  name: 'test',
  target,
  stages: stages.map(([id, pass, options = {}]) => ({ id, pass, options: { ...options } })),
})
const conflictsIn = (document: Pipeline) => planOf({ document, passes: catalogue }).warnings

it.each([
  ['fusing after quantizing', pipeline('ort', ['int8', 'quantize-dynamic'], ['fuse', 'fuse'])],
  ['quantizing twice', pipeline('ort', ['int8', 'quantize-dynamic'], ['again', 'quantize-dynamic'])],
  ['blocks that LiteRT does not know', pipeline('tflite', ['int4', 'quantize-weights', { bits: 4 }])],
] as const)('does away with %s by any of its mends, in one step that can be undone', (_name, before) => {
  const [conflict, ...others] = conflictsIn(before)
  expect(others).toEqual([])
  expect(conflict!.mends.length).toBeGreaterThan(0)
  for (const mend of conflict!.mends) {
    const document = createDocument(wired(before))
    document.edit((current) => mended(current, mend))
    expect(conflictsIn(document.getState().pipeline), mend.title).toEqual([])
    document.undo()
    expect(document.getState().pipeline).toEqual(wired(before))
  }
})

it('moves a stage along the wires, whatever stands between', () => {
  const before = wired(pipeline('ort', ['int8', 'quantize-dynamic'], ['half', 'convert-float16'], ['fuse', 'fuse']))
  const [conflict] = conflictsIn(before)
  const after = mended(before, conflict!.mends[0]!)
  expect(conflictsIn(after)).toEqual([])
  expect(pathOf(after, 'int8').indexOf('fuse')).toBeLessThan(1)
})
