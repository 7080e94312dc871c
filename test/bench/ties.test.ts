import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedData, type SampleData } from '../../core/data/open.ts'
import { feedsOf } from '../../core/data/samples.ts'
import type { Model } from '../../core/ir/model.ts'
import { executedGraph } from '../../core/measure/executed.ts'
import { tieKernels } from '../../core/measure/ties.ts'
import { openModel } from '../../core/onnx/read.ts'
import type { Pass } from '../../core/pass.ts'
import { cleanUp } from '../../core/passes/clean-up.ts'
import { convertFloat16 } from '../../core/passes/convert-float16.ts'
import { quantizeDynamic } from '../../core/passes/quantize-dynamic.ts'
import { quantizeStatic } from '../../core/passes/quantize-static.ts'
import type { KernelTime } from '../../core/runtime/session.ts'
import { workshop } from '../support/pass-context.ts'
import { sharedFolder, sharedModels } from '../support/real-models.ts'

/** Models whose inputs cannot be made up (silero_vad wants frames of speech), or whose outputs the Node binding cannot pass. */
const notRun = /_traps|lr_mnist_scikit|squeezenet_tensor_input|silero_vad/
const sizes: readonly (readonly [RegExp, Record<string, number>])[] = [[/model_micro/, { samples: 16000 }]]

/** Already quantized. */
const quantized = /_int8_/

/** A version of a model: itself, or what quantizing its weights and activations, or 16-bit floats, make of it. */
const versions = ['as it is', 'INT8, dynamic', 'INT8, static', 'FP16'] as const
const passes = { 'INT8, dynamic': quantizeDynamic, 'INT8, static': quantizeStatic, FP16: convertFloat16 } as const

describe.skipIf(!existsSync(sharedFolder))('share of kernel time that is tied to layers', async () => {
  const { store, runtime, run } = await workshop()
  const files = sharedModels('models', 'real-models').filter((file) => !notRun.test(file))
  const table: Record<string, string | number>[] = []

  async function versionOf(model: Model, version: (typeof versions)[number], data: SampleData): Promise<Model> {
    if (version === 'as it is') return model
    const [tidy] = (await run(cleanUp, model)).parts
    const source = (tidy ?? model).freeze()
    const [made] = (await run(passes[version] as Pass, source, {}, { ...data, calibration: data.evaluation })).parts
    return (made ?? source).freeze()
  }

  const cases = files.flatMap((file) => (quantized.test(file) ? versions.slice(0, 1) : versions).map((version) => [file, version] as const))
  it.each(cases)('%s, %s', async (file, version) => {
    const { path: folder, remove } = await store.scratch('ties')
    const source = openModel(`${sharedFolder}/${file}`).freeze()
    const own = new Map(Object.entries(sizes.find(([name]) => name.test(file))?.[1] ?? {}))
    const data = await generatedData({ graph: source.graph, store, count: 2, sizes: own })
    const model = await versionOf(source, version, data)
    const executed = await executedGraph(model, { runtime, folder, provider: 'cpu', threads: 1 })
    const { ties } = tieKernels(executed)
    const feeds = await feedsOf(data.evaluation!.table, 0, 1)
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
      version,
      nodes: model.graph.nodeCount,
      kernels: ties.length,
      'tied %': percent(tied),
      'by value %': percent(share((tie) => tie?.how === 'value')),
      'by name %': percent(share((tie) => tie?.how === 'name')),
      'by weight %': percent(share((tie) => tie?.how === 'weight')),
      'by neighbour %': percent(share((tie) => tie?.how === 'neighbour')),
      'conversions %': percent(share((tie) => tie?.conversion === true)),
      untied: [...new Set(ties.filter(({ nodes }) => nodes.length === 0).map(({ kernel }) => kernel.opType))].join(' '),
    })
    await remove()
    expect(outer.length).toBeGreaterThan(0)
    expect(tied).toBeGreaterThanOrEqual(0.98)
  })

  it('table', () => console.table(table))
})
