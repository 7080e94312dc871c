import { describe, expect, it } from 'vitest'
import { createDocument } from '../../../renderer/stores/document.ts'
import {
  before,
  branchFrom,
  branchOnly,
  freshId,
  fromHere,
  insertAfter,
  insertOn,
  leavesOf,
  moveStage,
  pasteAfter,
  pathOf,
  removeStage,
  setOptions,
  shiftStage,
  wired,
} from '../../../renderer/stores/pipeline-edit.ts'

const stage = (id: string) => ({ id, pass: id, options: {} })
const chain = wired({ lathe: 1, name: 'test', target: 'ort', stages: ['tidy', 'fuse', 'int8'].map(stage) })

describe('a pipeline', () => {
  it('without wires is a chain from the source', () => {
    expect(chain.wires).toEqual([
      ['source', 'tidy'],
      ['tidy', 'fuse'],
      ['fuse', 'int8'],
    ])
    expect(leavesOf(chain)).toEqual(['int8'])
  })
  it('takes a stage behind another', () => {
    expect(pathOf(insertAfter(chain, stage('x'), 'tidy'), 'int8')).toEqual(['tidy', 'x', 'fuse', 'int8'])
  })
  it('takes a stage onto a wire', () => {
    expect(pathOf(insertOn(chain, stage('x'), ['fuse', 'int8']), 'int8')).toEqual(['tidy', 'fuse', 'x', 'int8'])
  })
  it('runs from a stage on: the way to it and all that hangs on it', () => {
    const branched = branchFrom(branchFrom(chain, stage('fp16'), 'fuse'), stage('small'), 'tidy')
    expect(fromHere(branched, 'fuse').stages.map(({ id }) => id)).toEqual(['tidy', 'fuse', 'int8', 'fp16'])
    expect(leavesOf(fromHere(branched, 'small'))).toEqual(['small'])
  })
  it('shifts a stage along the chain, not past its ends', () => {
    expect(pathOf(shiftStage(chain, 'fuse', -1), 'int8')).toEqual(['fuse', 'tidy', 'int8'])
    expect(pathOf(shiftStage(chain, 'fuse', 1), 'fuse')).toEqual(['tidy', 'int8', 'fuse'])
    expect(shiftStage(chain, 'tidy', -1)).toBe(chain)
    expect(shiftStage(chain, 'int8', 1)).toBe(chain)
  })
  it('takes copies in a row, under ids that are free', () => {
    const { pipeline, last } = pasteAfter(chain, [stage('tidy'), stage('int8')], 'tidy')
    expect(pathOf(pipeline, 'int8')).toEqual(['tidy', 'tidy-2', 'int8-2', 'fuse', 'int8'])
    expect(last).toBe('int8-2')
  })
  it('branches, and each leaf is a candidate', () => {
    const branched = branchFrom(chain, stage('fp16'), 'fuse')
    expect(leavesOf(branched)).toEqual(['int8', 'fp16'])
    expect(branchOnly(branched, 'fp16').stages.map(({ id }) => id)).toEqual(['tidy', 'fuse', 'fp16'])
  })
  it('closes over a removed stage', () => {
    expect(before(removeStage(chain, 'fuse'), 'int8')).toBe('tidy')
  })
  it('moves a stage, and moving it to where it stands changes nothing', () => {
    expect(pathOf(moveStage(chain, 'int8', { after: 'tidy' }), 'fuse')).toEqual(['tidy', 'int8', 'fuse'])
    expect(moveStage(chain, 'fuse', { on: ['tidy', 'fuse'] })).toBe(chain)
    expect(moveStage(chain, 'fuse', { after: 'fuse' })).toBe(chain)
  })
  it('finds a free id', () => {
    expect(freshId(chain, 'fuse')).toBe('fuse-2')
    expect(freshId(chain, 'package/prune')).toBe('prune')
  })
})

describe('the document', () => {
  it('undoes and redoes edits, and an edit ends what could be redone', () => {
    const document = createDocument(chain)
    document.edit((pipeline) => removeStage(pipeline, 'int8'))
    document.edit((pipeline) => setOptions(pipeline, 'fuse', { a: 1 }))
    document.undo()
    document.undo()
    expect(document.getState().pipeline).toBe(chain)
    document.redo()
    expect(document.getState().pipeline.stages).toHaveLength(2)
    document.edit((pipeline) => removeStage(pipeline, 'fuse'))
    document.redo()
    expect(document.getState().pipeline.stages).toHaveLength(1)
  })
  it('leaves no step for an edit that changes nothing', () => {
    const document = createDocument(chain)
    document.edit((pipeline) => moveStage(pipeline, 'fuse', { after: 'fuse' }))
    expect(document.getState().past).toHaveLength(0)
  })
})
