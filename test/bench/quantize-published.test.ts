import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../core/ir/model.ts'
import { openModel } from '../../core/onnx/read.ts'
import { imageFields } from '../support/image-fields.ts'
import { passOf, sqnr, workshop } from '../support/pass-context.ts'

const folder = '../shared/real-models'

/**
 * Published convolutional nets, the size and the range of what they are fed with, and the least decibels. Two of the images that FastestDet is
 * judged on drive one of its activations to 2.5 times what the calibration images reach.
 */
const nets: readonly (readonly [name: string, dims: readonly [number, number, number], range: readonly [number, number], least: number])[] =
  [
    ['yolox_nano', [3, 416, 416], [0, 255], 17],
    ['retinaface_640x640_opt', [3, 640, 640], [-120, 135], 30],
    ['FastestDet', [3, 352, 352], [0, 1], 8],
    ['ch_PP-OCRv3_det_infer', [3, 320, 320], [-2, 2], 25],
  ]
const count = 10
const calibrated = 6

describe.skipIf(!existsSync(folder))('static INT8 of published nets on made-up images', async () => {
  const shop = await workshop()

  async function fused(name: string): Promise<Model> {
    let model = openModel(`${folder}/${name}/model.onnx`)
    for (const id of ['clean-up', 'fuse']) model = (await shop.run(passOf(id), model)).parts[0] as Model
    // A last Sigmoid hides errors at both of its ends: the values before it are judged.
    const last = model.graph.nodes.findLast(({ opType, outputs }) => opType === 'Sigmoid' && outputs[0]?.isOutput)
    if (last?.inputs[0]) model.graph.addOutput(last.inputs[0])
    return model
  }

  it.each(nets)('%s', async (name, dims, range, least) => {
    const model = await fused(name)
    const values = imageFields({ count, dims, range, seed: name })
    const size = values.byteLength / count
    const { id } = await shop.store.put(new Uint8Array(values.buffer))
    const input = model.graph.inputs[0]?.name as string
    const column = { name: input, dtype: 'float32' as const, dims: [1, ...dims], whole: true, file: shop.store.pathOf(id) }
    const samples = (from: number, many: number) => ({
      table: { id: `${id} ${from}`, count: many, inputs: [{ ...column, offset: from * size }] },
      ...{ labels: null, labelColumn: null, description: 'made-up images' },
    })
    const data = {
      ...{ calibration: samples(0, calibrated), selection: null, evaluation: null, metric: { kind: 'sqnr' as const } },
      ...{ random: true, notes: [], preparationMs: 0 },
    }
    const output = model.graph.outputs.at(-1)?.name as string
    const outputsOf = async (version: Model) => {
      const path = await shop.file(version)
      const parts: Float32Array[] = []
      for (let sample = calibrated; sample < count; sample++) {
        const feeds = {
          [input]: { dtype: 'float32' as const, dims: [1, ...dims], data: new Uint8Array(values.buffer, sample * size, size) },
        }
        const session = { model: path, level: 'all' as const, provider: 'cpu', threads: 2 }
        const found = await shop.runtime.execute({ session, feeds, wanted: [output] })
        parts.push(new Float32Array(found[output]?.data.slice().buffer as ArrayBuffer))
      }
      const all = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
      parts.forEach((part, index) => {
        all.set(part, index * part.length)
      })
      return all
    }
    const { parts, notes } = await shop.run(passOf('quantize-static'), model, {}, data)
    const decibels = sqnr(await outputsOf(model), await outputsOf(parts[0] as Model))
    console.log([`${name}: ${decibels.toFixed(1)} dB at '${output}'`, ...(notes ?? [])].join('\n  '))
    expect(decibels).toBeGreaterThan(least)
  })
})
