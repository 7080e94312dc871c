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
