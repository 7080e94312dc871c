import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDocument } from '../../../renderer/stores/document.ts'
import {
  before,
  branchFrom,
  freshId,
  insertAfter,
  insertOn,
  moveStage,
  pasteAfter,
  pathOf,
  removeStage,
  shiftStage,
  sourceId,
  type WiredPipeline,
  wired,
} from '../../../renderer/stores/pipeline-edit.ts'

/** Which of so many: numbers that are drawn before it is known what there is to choose from. */
const pick = <T>(all: readonly T[], n: number): T => all[n % all.length]!

type Draw = readonly [kind: number, first: number, second: number]

function edited(pipeline: WiredPipeline, [kind, first, second]: Draw): WiredPipeline {
  const ids = pipeline.stages.map(({ id }) => id)
  const places = [sourceId, ...ids]
  const stage = { id: freshId(pipeline, 'pass'), pass: 'pass', options: {} }
  const chosen = ids.length === 0 ? sourceId : pick(ids, first)
  switch (kind % 7) {
    case 0:
      return insertAfter(pipeline, stage, pick(places, first))
    case 1:
      return branchFrom(pipeline, stage, pick(places, first))
    case 2:
      return pipeline.wires.length === 0 ? pipeline : insertOn(pipeline, stage, pick(pipeline.wires, first))
    case 3:
      return ids.length === 0 ? pipeline : removeStage(pipeline, chosen)
    case 4:
      return moveStage(pipeline, chosen, { after: pick(places, second) })
    case 5:
      return pipeline.wires.length === 0 ? pipeline : moveStage(pipeline, chosen, { on: pick(pipeline.wires, second) })
    default:
      return second % 2 === 0
        ? shiftStage(pipeline, chosen, second % 4 === 0 ? 1 : -1)
        : pasteAfter(pipeline, [stage, stage], chosen).pipeline
  }
}

const draws = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 40 })
const begin = wired({ lathe: 1, name: 'test', target: 'ort', stages: ['a', 'b', 'c'].map((id) => ({ id, pass: id, options: {} })) })

it('stays a tree from the source, whatever is done to it', () => {
  fc.assert(
    fc.property(draws, (all) => {
      const { stages, wires } = all.reduce(edited, begin)
      const ids = stages.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      expect(wires.map(([, to]) => to).sort()).toEqual([...ids].sort())
      for (const id of ids) expect(before({ ...begin, stages, wires }, pathOf({ ...begin, stages, wires }, id)[0]!)).toBe(sourceId)
    }),
  )
})

it('comes back through undo, and forward through redo, step by step', () => {
  fc.assert(
    fc.property(draws, (all) => {
      const document = createDocument(begin)
      const seen = [begin]
      for (const draw of all) {
        document.edit((pipeline) => edited(pipeline, draw))
        const { pipeline } = document.getState()
        if (pipeline !== seen.at(-1)) seen.push(pipeline)
      }
      for (const expected of [...seen].reverse().slice(1)) {
        document.undo()
        expect(document.getState().pipeline).toBe(expected)
      }
      expect(document.getState().past).toHaveLength(0)
      for (const expected of seen.slice(1)) {
        document.redo()
        expect(document.getState().pipeline).toBe(expected)
      }
      expect(document.getState().future).toHaveLength(0)
    }),
  )
})

it('leaves no step for a move that changes nothing', () => {
  fc.assert(
    fc.property(draws, fc.tuple(fc.nat(), fc.nat()), (all, [first, second]) => {
      const pipeline = all.reduce(edited, begin)
      if (pipeline.stages.length === 0) return
      const id = pick(pipeline.stages, first).id
      const next = moveStage(pipeline, id, { after: pick([sourceId, ...pipeline.stages.map((stage) => stage.id)], second) })
      const shape = ({ wires }: WiredPipeline) => wires.map((wire) => wire.join()).sort()
      if (next !== pipeline) expect(shape(next)).not.toEqual(shape(pipeline))
    }),
  )
})
