import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openModel } from '../../../../core/onnx/read.ts'
import { modelFile, sessionOf, testFolder } from '../../../support/model-file.ts'
import { testRuntime } from '../../../support/spawn-runtime.ts'
import { floatsIn, randomTensor } from '../../../support/tensor-data.ts'

const folder = testFolder()
const runtime = await testRuntime()
const text = `opset 17
  (x: float32[1, 3, 8, 8]) -> (y: float32[1, 8, 8, 8])
  w = float32[8, 3, 3, 3]
  c = Conv(x, w) {pads: [1, 1, 1, 1]}
  y = Relu(c)`

describe('optimize', () => {
  it('writes the graph that runs: the same outputs, bit by bit, when it is loaded without optimization', async () => {
    const session = sessionOf(await modelFile(folder, text), { level: 'all' })
    const out = join(folder, 'executed.onnx')
    await runtime.optimize({ session, out })
    expect(openModel(out).graph.nodes.map(({ opType }) => opType)).not.toContain('Relu')
    const feeds = { x: randomTensor([1, 3, 8, 8], 1) }
    const deployed = await runtime.execute({ session, feeds, wanted: [] })
    const executed = await runtime.execute({ session: sessionOf(out), feeds, wanted: [] })
    expect(floatsIn(executed.y as typeof feeds.x)).toEqual(floatsIn(deployed.y as typeof feeds.x))
  })

  it('puts the weights beside it when asked', async () => {
    const large = 'opset 17\n(x: float32[1, 256]) -> (y: float32[1, 256])\nw = float32[256, 256]\ny = MatMul(x, w)'
    const session = sessionOf(await modelFile(folder, large), { level: 'all' })
    const out = join(folder, 'large.onnx')
    await runtime.optimize({ session, out, data: 'large.data' })
    expect(existsSync(join(folder, 'large.data'))).toBe(true)
    expect(statSync(join(folder, 'large.data')).size).toBeGreaterThanOrEqual(256 * 256 * 4)
    expect(statSync(out).size).toBeLessThan(10_000)
    const feeds = { x: randomTensor([1, 256], 2) }
    const [a, b] = [
      await runtime.execute({ session, feeds, wanted: [] }),
      await runtime.execute({ session: sessionOf(out), feeds, wanted: [] }),
    ]
    expect(floatsIn(b.y as typeof feeds.x)).toEqual(floatsIn(a.y as typeof feeds.x))
  })
})
