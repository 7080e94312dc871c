import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../core/api/measurement.ts'
import type { Model } from '../../../core/ir/model.ts'
import type { Node, NodeId } from '../../../core/ir/value.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { catalogue } from '../../../core/passes/catalogue.ts'
import { createWorkbench, type Place } from '../../../core/pipeline/place.ts'
import { planOf } from '../../../core/pipeline/plan.ts'
import { runPipeline } from '../../../core/pipeline/runner.ts'
import { blocksOf } from '../../../core/structure/blocks.ts'
import { scopeOf, segmentsOf } from '../../../core/structure/scope.ts'
import { workshop } from '../../support/pass-context.ts'
import { sharedFolder, sharedModels } from '../../support/real-models.ts'
import { sample } from '../../support/run-cli.ts'

const { runtime, store, data } = await workshop()

/** What presets are made of, and single passes on the model as it was opened. */
const pipeline = {
  lathe: 1,
  name: 'places',
  target: 'ort',
  stages: [
    { id: 'tidy', pass: 'clean-up', options: {} },
    { id: 'branches', pass: 'reparameterize', options: {} },
    { id: 'fuse', pass: 'fuse', options: {} },
    { id: 'int8', pass: 'quantize-dynamic', options: { perChannel: true } },
    { id: 'static', pass: 'quantize-static', options: { withoutData: 'skip', samples: 4, rounding: 'nearest' } },
    { id: 'weights', pass: 'quantize-weights', options: {} },
    { id: 'half', pass: 'convert-float16', options: {} },
    { id: 'fuse-alone', pass: 'fuse', options: {} },
  ],
  wires: [
    ['source', 'tidy'],
    ['tidy', 'branches'],
    ['branches', 'fuse'],
    ['fuse', 'int8'],
    ['fuse', 'static'],
    ['source', 'weights'],
    ['source', 'half'],
    ['source', 'fuse-alone'],
  ],
}

async function versionsOf(source: Model, manifest: string | null): Promise<[stage: string, model: Model][]> {
  const workbench = createWorkbench(store)
  const place: Place = {
    ...{ runtime, store, workbench, passes: catalogue, cache: false, verify: false, seed: 7, target: 'ort', provider: 'cpu', threads: 1 },
    ...{ data: manifest === null ? null : await data(manifest, source), samples: null },
    machine: { features: [], runtime: { version: '' } } as unknown as Machine,
    evaluate: () => Promise.reject(new Error('nothing here searches')),
  }
  try {
    const plan = planOf({ document: pipeline, passes: catalogue })
    const run = { plan, place, source, sourceKey: '', signal: new AbortController().signal, say: () => undefined }
    const { versions, failures } = await runPipeline(run)
    expect([...failures.values()]).toEqual([])
    return [...versions].map(([stage, { model }]) => [stage, model])
  } finally {
    await workbench.remove()
  }
}

const pathOf = (node: Node): readonly string[] => segmentsOf(scopeOf(node))

/** Every module that a node of the model lies in, directly or not. */
function modulesIn(model: Model): Set<string> {
  return new Set(model.graph.nodes.flatMap((node) => pathOf(node).map((_, depth, path) => path.slice(0, depth + 1).join('/'))))
}

/** Modules that nodes stem from which stem from nowhere else. */
function heldBy(model: Model, opened: ReadonlyMap<NodeId, Node>): Set<string> {
  return new Set(
    model.graph.nodes.flatMap((node) => {
      const [first = [], ...others] = [...node.origins].map((id) => pathOf(opened.get(id) as Node))
      const end = first.findIndex((segment, depth) => others.some((other) => other[depth] !== segment))
      const common = end < 0 ? first : first.slice(0, end)
      return common.map((_, depth) => common.slice(0, depth + 1).join('/'))
    }),
  )
}

const repeated = (model: Model) => blocksOf(model).reduce((sum, { members }) => sum + members.length, 0)

const scoped = /real-models\/(model_2|nmp|resnet_fp32|standard_v3_3)\//
const real = sharedModels('models', 'real-models')
  .filter((file) => !file.includes('_traps') && (file.startsWith('models') || scoped.test(file)))
  .map((file): [string, null] => [join(sharedFolder, file), null])

describe('the places of what passes make', () => {
  it.skipIf(real.length > 0)('in models of others: ../shared is absent', () => undefined)

  it.each([[sample('digits-cnn', 'model.onnx'), sample('digits-cnn', 'dataset.json')], [sample('text-bert', 'model.onnx'), null], ...real])(
    'are the modules of %s',
    async (path, manifest) => {
      const source = openModel(path).freeze()
      const opened = new Map(source.graph.nodes.map((node) => [node.id, node]))
      const modules = modulesIn(source)
      const folder = await mkdtemp(join(tmpdir(), 'lathe-test-'))
      for (const [stage, model] of await versionsOf(source, manifest)) {
        const now = modulesIn(model)
        expect(
          [...now].filter((module) => !modules.has(module)),
          stage,
        ).toEqual([])
        const lost = [...heldBy(model, opened)].filter((module) => !now.has(module))
        expect(lost, `${stage} has nodes of these and no module for them`).toEqual([])
        // The first or last block may really be another one: a row is picked before it, a sum joined to the norm behind it.
        expect(repeated(model), stage).toBeGreaterThanOrEqual(repeated(source) - 1)
        const { path: written } = await writeModel(model, join(folder, `${stage}.onnx`))
        expect(modulesIn(openModel(written)), stage).toEqual(now)
      }
      await rm(folder, { recursive: true })
    },
  )
})
