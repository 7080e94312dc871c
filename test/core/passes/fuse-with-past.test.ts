import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { int64Tensor, tensorFrom } from '../../../core/ir/numbers.ts'
import type { Tensor } from '../../../core/ir/tensor.ts'
import { allNodes } from '../../../core/ir/walk.ts'
import type { TensorData } from '../../../core/observe/reducer.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import type { Outputs } from '../../../core/runtime/session.ts'
import { workshop } from '../../support/pass-context.ts'
import { sharedFolder } from '../../support/real-models.ts'
import { difference, runModel } from '../../support/run-model.ts'

const { run, context } = await workshop()
const file = join(sharedFolder, 'models/text_llama/model.past.onnx')

const data = (tensor: Tensor): TensorData => ({ dtype: tensor.ref.dtype, dims: tensor.ref.dims, data: tensor.read() })
const batch = 2

/** Feeds of a step: new tokens, the mask over all so far, and what the step before gave out. */
function feedsOf(tokens: number, before: Outputs | null): Record<string, TensorData> {
  const past = before?.['present.0.key']?.dims[2] ?? 0
  const ids = Array.from({ length: batch * tokens }, (_, i) => (7 * i + 3 * past) % 65)
  const feeds: Record<string, TensorData> = {
    input_ids: data(int64Tensor(ids, [batch, tokens])),
    attention_mask: data(int64Tensor(new Array<number>(batch * (past + tokens)).fill(1), [batch, past + tokens])),
  }
  for (const layer of [0, 1, 2, 3]) {
    for (const kind of ['key', 'value']) {
      const given = before?.[`present.${layer}.${kind}`]
      feeds[`past_key_values.${layer}.${kind}`] = given ?? data(tensorFrom('float32', [batch, 2, 0, 32], []))
    }
  }
  return feeds
}

describe.skipIf(!existsSync(file))('a model with a cache of keys and values', () => {
  it.each(['ort', 'onnx'] as const)(
    'is fused for %s to attention that takes the past, and generates the same step by step',
    async (target) => {
      const opened = openModel(file)
      const cleaned = (await run(cleanUp, opened)).parts[0] as Model
      const fused = (await fuse.run(cleaned, fuse.options.parse({}), { ...context(), target })).parts[0] as Model
      const attentions = [...allNodes(fused.graph)].filter(({ opType }) => opType === 'Attention')
      expect(attentions.map(({ inputs, outputs }) => [inputs.length, outputs.length])).toEqual(new Array(4).fill([6, 3]))
      expect([...allNodes(fused.graph)].filter(({ opType }) => opType === 'Softmax')).toEqual([])
      let expected: Outputs | null = null
      let actual: Outputs | null = null
      for (const tokens of [4, 1, 3, 1]) {
        expected = await runModel(opened, feedsOf(tokens, expected))
        actual = await runModel(fused, feedsOf(tokens, actual))
        for (const [name, tensor] of Object.entries(expected)) expect(difference(actual[name], tensor, 'rounding'), name).toBeNull()
      }
    },
  )
})
