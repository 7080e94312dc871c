import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { profile } from '../../../../core/runtime/programs/profile.ts'
import { createSessionCache } from '../../../../core/runtime/session-cache.ts'
import { modelOf } from '../../../support/graph.ts'
import { modelFile, sessionOf, testFolder } from '../../../support/model-file.ts'
import { testRuntime } from '../../../support/spawn-runtime.ts'
import { randomTensor, tensorData } from '../../../support/tensor-data.ts'

const folder = testFolder()
const runtime = await testRuntime()

function named(text: string) {
  const model = modelOf(text)
  model.graph.nodes.forEach((node, i) => {
    Object.assign(node as object, { name: `k${i}` })
  })
  return model
}

describe('profile', () => {
  it('times each kernel in each run after the warm-up, in the order of execution', async () => {
    const model = named('opset 17\n(x: float32[64, 64]) -> (y: float32[64, 64])\na = MatMul(x, x)\nb = Relu(a)\ny = MatMul(b, x)')
    const session = sessionOf(await modelFile(folder, model))
    const { kernels, runs: whole } = await runtime.profile({ session, feeds: { x: randomTensor([64, 64], 1) }, runs: 4, warmup: 2 })
    expect(kernels.map(({ node, opType }) => [node, opType])).toEqual([
      ['k0', 'MatMul'],
      ['k1', 'Relu'],
      ['k2', 'MatMul'],
    ])
    for (const { runs, provider } of kernels) {
      expect(provider).toBe('CPUExecutionProvider')
      expect(runs).toHaveLength(4)
      expect(runs.every((microseconds) => microseconds >= 0)).toBe(true)
    }
    expect(whole).toHaveLength(4)
    whole.forEach((microseconds, run) => {
      const inKernels = kernels.reduce((sum, { runs }) => sum + (runs[run] as number), 0)
      expect(microseconds).toBeGreaterThanOrEqual(inKernels)
    })
    expect(kernels[0]?.runs.some((microseconds) => microseconds > 0)).toBe(true)
  })

  it('reads no profile of a process that was killed before it', async () => {
    const session = sessionOf(await modelFile(folder, named('opset 17\n(x: float32[64]) -> (y: float32[64])\ny = Relu(x)')))
    const left = await mkdtemp(join(tmpdir(), 'lathe-profile-'))
    await writeFile(join(left, 'profile_1970.json'), '[{"cat":"Sess')
    const request = { session, feeds: { x: randomTensor([64], 1) }, runs: 2, warmup: 1, folder: left }
    const tools = { sessions: createSessionCache({ count: 1, bytes: 0 }), progress: () => undefined }
    expect((await profile(request, tools)).kernels).toMatchObject([{ node: 'k0', runs: [expect.any(Number), expect.any(Number)] }])
    await rm(left, { recursive: true })
  })

  it('sums what a loop runs many times', async () => {
    const model = named(`opset 17
      (x: float32[1000]) -> (y: float32[1000])
      y = Loop(int64 50, bool 1, x) {body: { (i: int64[], c: bool[], a: float32[1000]) -> (d: bool[], b: float32[1000])\nd = Identity(c)\nb = Cos(a) }}`)
    const session = sessionOf(await modelFile(folder, model))
    const feeds = { x: tensorData('float32', [1000], new Float32Array(1000)) }
    const { kernels } = await runtime.profile({ session, feeds, runs: 3, warmup: 1 })
    const cos = kernels.filter(({ opType }) => opType === 'Cos')
    expect(cos).toHaveLength(1)
    expect(cos[0]?.runs).toHaveLength(3)
    const loop = kernels.find(({ opType }) => opType === 'Loop')
    cos[0]?.runs.forEach((microseconds, run) => {
      expect(microseconds).toBeLessThanOrEqual(loop?.runs[run] as number)
    })
  })
})
