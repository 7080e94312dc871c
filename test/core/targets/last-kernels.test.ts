import { describe, expect, it } from 'vitest'
import { kernelLimit, lastWithKernel } from '../../../core/targets/last-kernels.ts'
import { runCase } from '../../../scripts/kernels/run-case.ts'
import { modelOf } from '../../support/graph.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

const runtime = await testRuntime()

/** A tiny graph with each operator of the table. */
const graphs: Readonly<Record<string, string>> = {
  GlobalLpPool: '(x: float32[1, 2, 4, 4]) -> (y)\ny = GlobalLpPool(x)',
  MaxRoiPool: '(x: float32[1, 2, 4, 4]) -> (y)\ny = MaxRoiPool(x, float32[1, 5] {0, 0, 0, 3, 3}) {pooled_shape: [2, 2]}',
  Multinomial: '(x: float32[2, 3]) -> (y)\ny = Multinomial(x)',
  RandomNormal: '() -> (y)\ny = RandomNormal() {shape: [2, 3]}',
  RandomNormalLike: '(x: float32[2, 3]) -> (y)\ny = RandomNormalLike(x)',
  RandomUniform: '() -> (y)\ny = RandomUniform() {shape: [2, 3]}',
  RandomUniformLike: '(x: float32[2, 3]) -> (y)\ny = RandomUniformLike(x)',
  RoiAlign:
    '(x: float32[1, 2, 4, 4], r: float32[1, 4]) -> (y)\nb = int64[1] {0}\ny = RoiAlign(x, r, b) {output_height: 2, output_width: 2}',
}

const inSet = (op: string, opset: number) => runCase(runtime, { op, variant: '', opset, text: `opset ${opset}\n${graphs[op]}` }, 'disabled')

describe('operators without a kernel for their newest version', () => {
  it.each(Object.entries(lastWithKernel))('%s runs up to operator set %i', async (op, last) => {
    expect(await inSet(op, last)).toEqual({ ran: [op] })
    expect(await inSet(op, last + 1)).toEqual({ step: 'load', reason: 'no kernel' })
  })

  it('limit the model that has one, also inside of a branch', () => {
    const within = modelOf(`opset 17
(c: bool[], x: float32[2, 3]) -> (y)
y = If(c) {then_branch: { () -> (a) a = RandomUniformLike(x) }, else_branch: { () -> (b) b = Relu(x) }}`)
    expect(kernelLimit(within)?.opset).toBe(21)
    expect(kernelLimit(within)?.why).toContain('RandomUniformLike')
  })

  it('limit no other model, nor one that is past them', () => {
    expect(kernelLimit(modelOf('opset 17\n(x: float32[2, 3]) -> (y)\ny = Relu(x)'))).toBeNull()
    expect(kernelLimit(modelOf('opset 22\n(x: float32[2, 3]) -> (y)\ny = RandomUniformLike(x)'))).toBeNull()
  })
})
