import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Node } from '../../../core/ir/value.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { mergedParts } from '../../../core/structure/merged-parts.ts'
import { structureOf } from '../../../core/structure/structure.ts'
import { modelOf } from '../../support/graph.ts'

const partsOf = (text: string) => mergedParts(modelOf(`opset 18\n${text}`).graph).map(({ kind, nodes }) => `${kind}: ${operators(nodes)}`)
const operators = (nodes: readonly Node[]) => nodes.map(({ opType }) => opType).join(' ')

describe('what forks and meets again', () => {
  it('is a residual branch where it is added, with the activation behind', () => {
    expect(
      partsOf(`(i: float32[1, 4, 8, 8]) -> (y)
        x = Conv(i, float32[4, 4, 1, 1])
        a = Conv(x, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}
        r = Relu(a)
        b = Conv(r, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}
        s = Add(b, x)
        t = Relu(s)
        y = GlobalAveragePool(t)`),
    ).toEqual(['residual: Conv Relu Conv Add Relu'])
  })

  it('is found where the short way has weights too, and inside of another', () => {
    expect(
      partsOf(`(i: float32[1, 4, 8, 8]) -> (y)
        x = Conv(i, float32[4, 4, 1, 1])
        a = Conv(x, float32[4, 4, 1, 1])
        b = Conv(a, float32[4, 4, 1, 1])
        s = Add(a, b)
        c = Conv(x, float32[4, 4, 1, 1])
        y = Concat(s, c) {axis: 1}`),
    ).toEqual(['residual: Conv Add', 'branches: Conv Conv Add Conv Concat'])
  })

  it('is none without weights, as the gate of a SiLU, nor where the paths come from different inputs', () => {
    expect(
      partsOf(`(i: float32[1, 4], j: float32[1, 4]) -> (y)
        x = Gemm(i, float32[4, 4])
        g = Sigmoid(x)
        s = Mul(x, g)
        z = Gemm(j, float32[4, 4])
        y = Add(s, z)`),
    ).toEqual([])
  })

  it('is found where an input of the graph forks, but not where a mask is added again', () => {
    expect(
      partsOf(`(x: float32[1, 8], mask: float32[1, 8]) -> (y)
        x0 = MatMul(x, float32[8, 8])
        m = Add(x0, mask)
        a = MatMul(m, float32[8, 8])
        y = Add(a, mask)`),
    ).toEqual([])
    expect(
      partsOf(`(x: float32[1, 8]) -> (y)
        a = MatMul(x, float32[8, 8])
        r = Relu(a)
        y = Add(r, x)`),
    ).toEqual(['residual: MatMul Relu Add'])
  })

  it('is found where weights are quantized, which belong to it', () => {
    expect(
      partsOf(`(i: float32[1, 8]) -> (y)
        x = Relu(i)
        w = DequantizeLinear(int8[8, 8], float32 0.1)
        a = MatMul(x, w)
        y = Add(a, x)`),
    ).toEqual(['residual: DequantizeLinear MatMul Add'])
  })
})

const folder = '../shared/real-models'

describe.skipIf(!existsSync(folder))('repeated parts of real networks without names', () => {
  it.each([
    ['FastestDet', ['branches 3', 'branches 13']],
    ['ch_PP-OCRv3_det_infer', ['residual 4', 'residual 6', 'residual 8']],
    ['mobilenetv2_int8_qdq', ['residual 10']],
    ['retinaface_640x640_opt', ['branches 3']],
    ['yolox_nano', ['branches 2', 'branches 5', 'branches 3']],
    ['model_micro', ['block 3']],
  ])('are those of %s', (name, blocks) => {
    const found = structureOf(openModel(`${folder}/${name}/model.onnx`)).blocks
    expect(found.map((block) => `${block.name} ${block.members.length}`)).toEqual(blocks)
    const [first] = found
    expect(
      new Set(
        first?.members.map((member) =>
          [...member]
            .map(({ opType }) => opType)
            .filter((operator) => !['Identity', 'Cast', 'DequantizeLinear'].includes(operator))
            .toSorted()
            .join(),
        ),
      ),
    ).toHaveLength(1)
  })
})
