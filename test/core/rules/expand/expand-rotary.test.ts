import { expect, it } from 'vitest'
import { numbersOf } from '../../../../core/ir/numbers.ts'
import { tensorOf } from '../../../../core/ir/tensor.ts'
import { drive } from '../../../../core/rewrite/drive.ts'
import { expandRotary } from '../../../../core/rules/expand/expand-rotary.ts'
import { inferShapes } from '../../../../core/shapes/infer.ts'
import { modelOf } from '../../../support/graph.ts'
import { feedsFor, runModel } from '../../../support/run-model.ts'

it.each([
  ['one table for all sequences', '5, 3', 'com.microsoft.RotaryEmbedding(x, int64[1] {0}, c, s) {num_heads: 2}'],
  ['a table for each sequence', '2, 5, 3', 'RotaryEmbedding(x, c, s) {num_heads: 2}'],
  [
    'a table for a part of each head',
    '5, 2',
    'com.microsoft.RotaryEmbedding(x, int64[1] {0}, c, s) {num_heads: 2, rotary_embedding_dim: 4}',
  ],
  ['neighbours', '5, 3', 'com.microsoft.RotaryEmbedding(x, int64[1] {0}, c, s) {num_heads: 2, interleaved: 1}', ', interleaved: 1'],
  [
    'neighbours of a part of each head',
    '2, 5, 2',
    'RotaryEmbedding(x, c, s) {num_heads: 2, interleaved: 1, rotary_embedding_dim: 4}',
    ', interleaved: 1',
  ],
  ['a table of each sequence for a part of each head', '2, 5, 1', 'RotaryEmbedding(x, c, s) {num_heads: 2, rotary_embedding_dim: 2}'],
])('computes what onnxruntime computes from %s', async (_name, dims, call, way = '') => {
  const border = `(x: float32[2, 5, 12], c: float32[${dims}], s: float32[${dims}]) -> (y)`
  const canonical = modelOf(`opset 23, lathe 1\n${border}\ny = lathe.Rotary(x, c, s) {heads: 2${way}}`)
  const contrib = modelOf(`opset 23, com.microsoft 1\n${border}\ny = ${call}`)
  drive(canonical, [expandRotary], { infer: inferShapes(canonical).node })
  canonical.opsets.delete('lathe')
  const feeds = feedsFor(contrib)
  const [a, b] = [await runModel(canonical, feeds), await runModel(contrib, feeds)]
  const [found, wanted] = [a, b].map(({ y }) => numbersOf(tensorOf('float32', y?.dims ?? [], y?.data ?? new Uint8Array())))
  expect(found?.length).toBe(120)
  for (const [i, value] of (found ?? []).entries()) expect(value).toBeCloseTo(wanted?.[i] as number, 5)
})
