import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import type { Blob } from '../../../core/ir/tensor.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { allNodes, allValues } from '../../../core/ir/walk.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { settle } from '../../../core/pipeline/settle.ts'
import { blobsOf, restore, snapshotOf } from '../../../core/pipeline/snapshot.ts'
import { fromText, toText } from '../../../core/store/plain.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'
import { sharedFolder, sharedModels } from '../../support/real-models.ts'
import { sample } from '../../support/run-cli.ts'

const { run, store } = await workshop()

/** Through the text that the store keeps. */
async function restored(model: Model, source: Model): Promise<Model> {
  const snapshot = fromText(toText(snapshotOf(model))) as ReturnType<typeof snapshotOf>
  const blobs = new Map<string, Blob>()
  for (const { initializer } of [...allValues(source.graph), ...allValues(model.graph)])
    if (initializer) blobs.set(initializer.blob.id, initializer.blob)
  for (const id of blobsOf(snapshot)) expect(blobs.has(id)).toBe(true)
  return restore(snapshot, source, blobs)
}

const identity = (model: Model) => ({
  nodes: [...allNodes(model.graph)].map(({ id, name, origins, metadata }) => [id, name, [...origins], [...metadata]]),
  values: [...allValues(model.graph)].map(({ id, name }) => `${id} ${name}`).sort(),
  lineage: [model.lineage.changes, model.lineage.values],
  next: model.nextId,
  header: model.header,
  opsets: [...model.opsets],
})

async function holds(source: Model, model: Model): Promise<void> {
  const again = await restored(model, source)
  expect(modelText(again)).toBe(modelText(model))
  expect(identity(again)).toEqual(identity(model))
  expect(verifyModel(again)).toEqual([])
  expect(again.untouched).toBe(false)
  expect(again.freshId()).toBe(model.fork().freshId())
}

describe('a version as plain data', () => {
  const paths = [
    sample('digits-cnn', 'model.onnx'),
    sample('text-bert', 'model.onnx'),
    ...sharedModels('real-models').map((file) => join(sharedFolder, file)),
  ]
  it.each(paths)('comes back with its ids, origins and lineage: %s', async (path) => {
    const source = openModel(path).freeze()
    const [model] = (await run(cleanUp, source)).parts
    await settle(model!, store)
    await holds(source, model!.freeze())
  })

  it('keeps what is rare: exact integers, strings, subgraphs, left-out inputs', async () => {
    const source = modelOf(`(x: float32[2], c: bool[]) -> (y: float32[2])
  n = float32[3, 4] ones
  k = If(c) {then_branch: { () -> (a) a = Add(x, float32 1.0) }, else_branch: { () -> (b) b = Clip(x, _, float32 2.0) }}
  y = Relu(k)`)
    const node = source.graph.nodes.find(({ opType }) => opType === 'Relu')!
    source.graph.setAttributes(node, {
      big: { type: 'int', value: 2 ** 60, exact: 2n ** 60n + 1n },
      text: { type: 'string', value: 'é' },
      odd: { type: 'float', value: Number.NaN },
    })
    const model = source.fork()
    await holds(source, model.freeze())
    const again = await restored(model, source)
    expect(again.graph.nodes.find(({ opType }) => opType === 'Relu')!.attributes.get('big')).toEqual({
      type: 'int',
      value: Number(2n ** 60n + 1n),
      exact: 2n ** 60n + 1n,
    })
  })
})
