import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import type { Samples } from '../../core/data/samples.ts'
import type { Model } from '../../core/ir/model.ts'
import { openModel } from '../../core/onnx/read.ts'
import { writeModel } from '../../core/onnx/write.ts'
import { passOf, sqnr, taskScore, workshop } from '../support/pass-context.ts'
import { hasRecorded, type RecordedRow, recordedRows } from '../support/recorded-rows.ts'

const models = '../shared/models'
const names = ['digits_cnn', 'digits_repvgg', 'digits_vit', 'text_bert', 'text_llama', 'text_gpt2']

/** What is tried on every model: a label, the passes in order, and which of the recorded rows it stands beside. */
const recipes: readonly (readonly [label: string, stages: readonly (readonly [string, object])[], beside: RegExp])[] = [
  ['float16', [['convert-float16', {}]], /^float16/],
  ['dynamic', [['quantize-dynamic', {}]], /^dynamic_int8/],
  ['static', [['quantize-static', {}]], /^static_/],
  ['static, full range', [['quantize-static', { weights: 'full' }]], /^static_qdq_minmax_per_channel$/],
  ['mixed, half a point', [['mixed-precision', { studySeconds: 0 }]], /^$/],
  ['8-bit weights', [['quantize-weights', { bits: 8, method: 'rtn' }]], /^int8_/],
  ['4-bit rtn', [['quantize-weights', { method: 'rtn' }]], /^int4_rtn/],
  ['4-bit gptq', [['quantize-weights', { method: 'gptq' }]], /^int4_/],
  ['4-bit hqq', [['quantize-weights', { method: 'hqq' }]], /^int4_hqq/],
  ['2-bit rtn', [['quantize-weights', { bits: 2, method: 'rtn' }]], /^int2_/],
  ['2-bit hqq', [['quantize-weights', { bits: 2, method: 'hqq' }]], /^int2_/],
  ['2-bit gptq', [['quantize-weights', { bits: 2, method: 'gptq' }]], /^int2_/],
]

const line = (who: string, { label, bytes, accuracy, crossEntropy, sqnr: decibels }: RecordedRow) =>
  `${who.padEnd(6)} ${label.padEnd(52)} ${String(bytes).padStart(9)}  ${accuracy.toFixed(4)}  ${crossEntropy.toFixed(4)}  ${decibels.toFixed(1)}`

describe.skipIf(!existsSync(models) || !hasRecorded)('quantized models beside what other tools make of them', async () => {
  const shop = await workshop()

  /** Normalizations folded, as for the recorded rows. */
  async function folded(path: string): Promise<Model> {
    const out = join(shop.store.root, `${path.replaceAll('/', '-')}.onnx`)
    await shop.runtime.optimize({ session: { model: path, level: 'basic', provider: 'cpu', threads: 1 }, out })
    return openModel(out)
  }

  async function rowOf(label: string, model: Model, samples: Samples, reference: Float32Array): Promise<RecordedRow> {
    const outputs = await shop.outputs(model, samples, { output: 'logits' })
    const { bytes } = await writeModel(model, join(shop.store.root, 'written.onnx'))
    return { label, bytes, ...taskScore(outputs, samples), sqnr: sqnr(reference, outputs) }
  }

  it.each(names)('%s', async (name) => {
    const path = `${models}/${name}/model.onnx`
    const model = await folded(path)
    const data = await shop.data(`${models}/${name}/dataset.json`, openModel(path))
    const samples = data.evaluation as Samples
    const reference = await shop.outputs(model, samples, { output: 'logits' })
    const lines = [`${name}: bytes, accuracy, cross-entropy, decibels`]
    for (const [label, stages, beside] of recipes) {
      let version = model
      let changed = false
      for (const [id, options] of stages) {
        const result = await shop.run(passOf(id), version, options, data)
        version = result.parts[0] as Model
        changed ||= result.changed
      }
      if (!changed) continue
      for (const peer of recordedRows(name).filter((row) => beside.test(row.label))) lines.push(line('peer', peer))
      lines.push(line('lathe', await rowOf(label, version, samples, reference)), '')
    }
    console.log(lines.join('\n'))
  })
})
