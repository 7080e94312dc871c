import { describe, expect, it } from 'vitest'
import { modelFile, sessionOf, testFolder } from '../../../support/model-file.ts'
import { residentBytes } from '../../../support/resident-bytes.ts'
import { testRuntime } from '../../../support/spawn-runtime.ts'
import { randomTensor } from '../../../support/tensor-data.ts'

const folder = testFolder()
const runtime = await testRuntime()
const matmul = (size: number) =>
  `opset 17\n(x: float32[${size}, ${size}]) -> (y: float32[${size}, ${size}])\nw = float32[${size}, ${size}]\ny = MatMul(x, w)`

describe('time', () => {
  it('gives every run of every session, and tells slow from fast', async () => {
    const [small, large] = [sessionOf(await modelFile(folder, matmul(16))), sessionOf(await modelFile(folder, matmul(400)))]
    const feeds = [{ x: randomTensor([16, 16], 1) }, { x: randomTensor([400, 400], 2) }]
    const progress: number[] = []
    const request = { sessions: [small, large, large], feeds, rounds: 15, warmup: 3, seed: 1 }
    const { runs, loadMs, firstRunMs, conditions } = await runtime.time(request, { onProgress: (done) => progress.push(done) })
    expect(runs.map((each) => each.length)).toEqual([15, 15, 15])
    expect([...loadMs, ...firstRunMs, ...runs.flat()].every((ms) => ms > 0 && ms < 60_000)).toBe(true)
    const fastest = runs.map((each) => Math.min(...each))
    expect(fastest[1]).toBeGreaterThan(3 * (fastest[0] as number))
    expect(progress.at(-1)).toBe(15)
    expect(conditions.milliseconds).toBeGreaterThanOrEqual(runs.flat().reduce((sum, ms) => sum + ms, 0))
    expect(conditions.otherCores).toBeGreaterThanOrEqual(0)
  })

  it('runs alone: each call has a process of its own, which ends with it', async () => {
    const before = runtime.processes.length
    const session = sessionOf(await modelFile(folder, matmul(16)))
    const request = { sessions: [session], feeds: [{ x: randomTensor([16, 16], 1) }], rounds: 2, warmup: 0, seed: 1 }
    await runtime.time(request)
    await runtime.time(request)
    const own = runtime.processes.slice(before)
    expect(own).toHaveLength(2)
    await expect.poll(() => own.map((process) => residentBytes(process.pid))).toEqual([0, 0])
  })
})
