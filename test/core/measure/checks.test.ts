import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedData } from '../../../core/data/open.ts'
import { feedsOf } from '../../../core/data/samples.ts'
import { checkDeterminism, checkExecuted } from '../../../core/measure/checks.ts'
import { prepareVersion } from '../../../core/measure/version.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { writeSkeleton } from '../../../core/onnx/skeleton.ts'
import { dataFolder } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

const { store } = await dataFolder()
const runtime = await testRuntime()
const bench = { runtime, provider: 'cpu', threads: 1 }
const trap = '../shared/models/_traps/dropout_training_mode.onnx'

async function prepare(path: string) {
  const model = openModel(path).freeze()
  const samples = (await generatedData({ graph: model.graph, store, count: 2 })).evaluation!.table
  const { path: folder } = await store.scratch('checks')
  return { version: await prepareVersion(model, await feedsOf(samples, 0, 1), folder, bench), checked: { samples, sources: {}, bench } }
}

describe('a baseline', () => {
  it('that is deterministic has nothing to be said', async () => {
    const { version, checked } = await prepare('samples/text-bert/model.onnx')
    expect(await checkDeterminism(version, checked)).toEqual([])
    expect(await checkExecuted('baseline', version, checked)).toBe(null)
  })

  it('that draws random numbers is found out, though two sessions of it draw the same ones', async () => {
    const { path: folder } = await store.scratch('random')
    const text =
      '(x: float32[batch, 4]) -> (y: float32[batch, 4], z: float32[batch, 4])\nr = RandomNormalLike(x)\ny = Add(x, r)\nz = Relu(x)'
    const { version, checked } = await prepare((await writeSkeleton(modelOf(text), folder)).path)
    const notes = await checkDeterminism(version, checked)
    expect(notes).toHaveLength(2)
    expect(notes[0]).toMatch(/^The baseline is not deterministic: two runs of the same samples differ in y\./)
  })

  it.skipIf(!existsSync(trap))('with a Dropout left in training mode is random without the optimization of the runtime', async () => {
    const { version, checked } = await prepare(trap)
    const notes = await checkDeterminism(version, checked)
    expect(notes).toHaveLength(1)
    expect(notes[0]).toMatch(/Without the runtime's optimization the baseline is not deterministic \(logits\)/)
  })

  it('whose kernels were not those of the deployed file would be found out', async () => {
    const { version, checked } = await prepare('samples/digits-cnn/model.onnx')
    const other = await prepare('samples/digits-cnn/model.onnx')
    const changed = other.version.executed.kernels.fork()
    const [gemm] = changed.graph.nodes.filter(({ opType }) => opType === 'Gemm')
    changed.graph.setAttributes(gemm!, { ...Object.fromEntries(gemm!.attributes), alpha: { type: 'float', value: 1.001 } })
    const { path: folder } = await store.scratch('changed')
    const session = { ...version.executed.session, model: (await writeSkeleton(changed, folder)).path }
    const note = await checkExecuted('baseline', { ...version, executed: { ...version.executed, session } }, checked)
    expect(note).toMatch(/kernels of the baseline, run one by one, give logits other than the deployed session/)
  })
})
