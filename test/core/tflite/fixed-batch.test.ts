import { describe, expect, it } from 'vitest'
import { numbersOf } from '../../../core/ir/numbers.ts'
import { tensorOf } from '../../../core/ir/tensor.ts'
import type { TensorData } from '../../../core/observe/reducer.ts'
import { inferShapes } from '../../../core/shapes/infer.ts'
import { type Converted, convert } from '../../../core/tflite/convert.ts'
import { isOpen, withBatch } from '../../../core/tflite/fixed-batch.ts'
import { runLiteRt } from '../../support/check-tflite.ts'
import { modelOf } from '../../support/graph.ts'
import { feedsFor, runModel } from '../../support/run-model.ts'

/** A class token that is repeated for every sample, as vision transformers have it: the shape of the expansion is computed. */
const text = `opset 17
(x: float32[batch, 4, 6]) -> (y: float32[batch, 5, 6], t: float32[batch, 24], f: float32[2])
token = float32[1, 1, 6]
s = Shape(x)
first = int64[] {0}
b = Gather(s, first) {axis: 0}
zero = int64[1] {0}
n = Unsqueeze(b, zero)
one = int64[1] {1}
shape = Concat(n, one, one) {axis: 0}
all = Expand(token, shape)
y = Concat(all, x) {axis: 1}
flat = int64[2] {0, 24}
t = Reshape(x, flat)
g = float32[2] {3, 4}
f = Neg(g)`

function openFile(): Converted {
  const model = modelOf(text)
  inferShapes(model)
  const { converted } = convert(model, { nhwc: false })
  if (converted === null) throw new Error('not converted')
  return converted
}

describe('a file with an open batch', () => {
  it('says so in its shapes', () => {
    const converted = openFile()
    expect(isOpen(converted.file)).toBe(true)
    const [main] = converted.file.subgraphs
    expect(main?.inputs.map((at) => main.tensors[at]?.shape)).toEqual([[-1, 4, 6]])
    expect(isOpen(withBatch(converted, 2).file)).toBe(false)
  })

  it.each([1, 2, 3])('gives what the model gives for a batch of %i', async (batch) => {
    const model = modelOf(text)
    const feeds = feedsFor(model, { sizes: new Map([['batch', batch]]) })
    const [expected, found] = [await runModel(model, feeds), await runLiteRt(withBatch(openFile(), batch), feeds)]
    for (const [name, { dims, dtype, data }] of Object.entries(expected)) {
      const output = found[name] as TensorData
      expect(output.dims).toEqual(dims)
      expect([...numbersOf(tensorOf(output.dtype, output.dims, output.data))]).toEqual([...numbersOf(tensorOf(dtype, dims, data))])
    }
  })
})

/** Calls that were written out for a batch of 1 once; what they read is [batch, 4, 6], or an image of it. */
const followers: readonly (readonly [call: string, dims: string, before?: string])[] = [
  ['MaxPool(x) {kernel_shape: [2], strides: [2]}', 'batch, 4, 3'],
  [
    'AveragePool(i) {kernel_shape: [2, 2], dilations: [2, 1], pads: [1, 0, 0, 0]}',
    'batch, 4, 2, 2',
    's = int64[4] {0, 4, 3, 2}\ni = Reshape(x, s)',
  ],
  ['ConvTranspose(x, w) {strides: [2]}', 'batch, 3, 13', 'w = float32[4, 3, 3]'],
  [
    'Squeeze(l, o)',
    '4, batch, 8',
    't = Transpose(x) {perm: [1, 0, 2]}\nw = float32[1, 24, 6]\nr = float32[1, 24, 8]\nl = GRU(t, w, r) {hidden_size: 8}\no = int64[1] {1}',
  ],
  [
    'Squeeze(h, o)',
    'batch, 5',
    't = Transpose(x) {perm: [1, 0, 2]}\nw = float32[1, 20, 6]\nr = float32[1, 20, 5]\n_, h = LSTM(t, w, r) {hidden_size: 5}\no = int64[1] {0}',
  ],
  ['Gather(x, g)', '2, 4, 6', 'd = Sub(x, x)\nm = ReduceMax(d) {keepdims: 0}\nn = Cast(m) {to: 7}\nz = int64[2] {0, -1}\ng = Add(z, n)'],
]

describe('operators over an open batch', () => {
  it.each(followers.flatMap((each) => [1, 3].map((batch) => [...each.slice(0, 2), batch, each[2] ?? ''] as const)))(
    '%s of [%s], %i samples',
    async (call, dims, batch, before) => {
      const model = modelOf(`opset 19\n(x: float32[batch, 4, 6]) -> (y: float32[${dims}])\n${before}\ny = ${call}`)
      const feeds = feedsFor(model, { sizes: new Map([['batch', batch as number]]) })
      const expected = (await runModel(model, feeds)).y as TensorData
      inferShapes(model)
      const { converted, unsupported } = convert(model, { nhwc: false })
      expect(unsupported).toEqual([])
      const found = (await runLiteRt(withBatch(converted as Converted, batch as number), feeds)).y as TensorData
      const [a, b] = [expected, found].map(({ dtype, dims, data }) => [...numbersOf(tensorOf(dtype, dims, data))]) as [number[], number[]]
      expect(b.length).toBe(a.length)
      for (const [i, value] of a.entries()) expect(b[i]).toBeCloseTo(value, 4)
    },
  )

  it.each([
    ['ScatterND(x, i, u)', 'i = int64[1, 1] {0}\nu = float32[1, 4, 6]'],
    ['ArgMax(x) {axis: 0, select_last_index: 1}', ''],
    ['Hardmax(x) {axis: 0}', ''],
    ['GatherElements(x, i) {axis: 2}', 'i = int64[1, 4, 2]'],
  ])('%s is refused by name, not by a crash', (call, before) => {
    const model = modelOf(`opset 19\n(x: float32[batch, 4, 6]) -> (y: float32[batch, 4, 6])\n${before}\ny = ${call}`)
    inferShapes(model)
    const [first] = convert(model, { nhwc: false }).unsupported
    expect(first?.reason).toContain('known only at run time')
    expect(first?.mend).toContain('--dynamic-batch')
  })
})
