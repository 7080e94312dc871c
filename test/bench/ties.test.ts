import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedData } from '../../core/data/open.ts'
import { feedsOf } from '../../core/data/samples.ts'
import { executedGraph } from '../../core/measure/executed.ts'
import { tieKernels } from '../../core/measure/ties.ts'
import { openModel } from '../../core/onnx/read.ts'
import type { KernelTime } from '../../core/runtime/session.ts'
import { dataFolder } from '../support/data-folder.ts'
import { sharedFolder, sharedModels } from '../support/real-models.ts'
import { testRuntime } from '../support/spawn-runtime.ts'

/** Models whose inputs cannot be made up (silero_vad wants frames of speech), or whose outputs the Node binding cannot pass. */
const notRun = /_traps|lr_mnist_scikit|squeezenet_tensor_input|silero_vad/
const sizes: readonly (readonly [RegExp, Record<string, number>])[] = [[/model_micro/, { samples: 16000 }]]

describe.skipIf(!existsSync(sharedFolder))('share of kernel time that is tied to layers', async () => {
  const { store } = await dataFolder()
  const runtime = await testRuntime()
  const files = sharedModels('models', 'real-models').filter((file) => !notRun.test(file))
  const table: Record<string, string | number>[] = []

  it.each(files)('%s', async (file) => {
    const { path: folder, remove } = await store.scratch('ties')
    const model = openModel(`${sharedFolder}/${file}`).freeze()
    const executed = await executedGraph(model, { runtime, folder, provider: 'cpu', threads: 1 })
    const { ties } = tieKernels(executed)
    const own = new Map(Object.entries(sizes.find(([name]) => name.test(file))?.[1] ?? {}))
    const { evaluation } = await generatedData({ graph: model.graph, store, count: 1, sizes: own })
    const feeds = await feedsOf(evaluation!.table, 0, 1)
    const { kernels } = await runtime.profile({ session: executed.session, feeds, runs: 5, warmup: 2 })
    const outer = kernels.filter(({ node }) => !node.startsWith('inner_'))
    const timeOf = (some: readonly KernelTime[]) => some.reduce((sum, { runs }) => sum + runs.reduce((total, run) => total + run, 0), 0)
    const by = new Map(ties.map((tie) => [tie.kernel.name, tie]))
    const share = (how: (tie: (typeof ties)[number] | undefined) => boolean) =>
      timeOf(outer.filter(({ node }) => how(by.get(node)))) / timeOf(outer)
    const percent = (part: number) => Number((100 * part).toFixed(2))
    const tied = share((tie) => (tie?.nodes.length ?? 0) > 0)
    table.push({
      model: `${basename(dirname(file))}/${basename(file)}`,
      nodes: model.graph.nodeCount,
      kernels: ties.length,
      'tied %': percent(tied),
      'by value %': percent(share((tie) => tie?.how === 'value')),
      'by name %': percent(share((tie) => tie?.how === 'name')),
      'by weight %': percent(share((tie) => tie?.how === 'weight')),
      'by neighbour %': percent(share((tie) => tie?.how === 'neighbour')),
      'conversions %': percent(share((tie) => tie?.conversion === true)),
    })
    await remove()
    expect(tied).toBeGreaterThanOrEqual(0.98)
  })

  it('table', () => console.table(table))
})
