import { expect, it } from 'vitest'
import type { Target } from '../../../core/api/pipeline.ts'
import type { Model } from '../../../core/ir/model.ts'
import { numbersOf } from '../../../core/ir/numbers.ts'
import { tensorOf } from '../../../core/ir/tensor.ts'
import { approximateGelu } from '../../../core/passes/approximate-gelu.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'
import { feedsFor, runModel } from '../../support/run-model.ts'

const { context } = await workshop()
const spelled =
  '(x: float32[2, 300]) -> (y)\nd = Div(x, float32 1.4142135)\ne = Erf(d)\no = Add(e, float32 1.0)\np = Mul(x, o)\ny = Mul(p, float32 0.5)'

const approximated = async (text: string, target: Target) => {
  const { changed, parts } = await approximateGelu.run(modelOf(text), {}, { ...context(), target })
  const model = parts[0] as Model
  return { changed, model, lines: modelText(model, { names: 'canonical' }).split('\n').slice(2) }
}

it('writes the tanh form as the target has it, close but not the same', async () => {
  const source = modelOf(`opset 20\n${spelled}`)
  const { lines, model } = await approximated(`opset 20\n${spelled}`, 'ort')
  expect(lines).toEqual(['y = com.microsoft.FastGelu(x)'])
  expect((await approximated(`opset 20\n${spelled}`, 'onnx')).lines).toEqual(['y = Gelu(x) {approximate: "tanh"}'])
  expect((await approximated(`opset 17\n${spelled}`, 'onnx')).lines.at(-1)).toContain('Mul(')
  const feeds = feedsFor(source)
  const [exact, close] = [await runModel(source, feeds), await runModel(model, feeds)].map(({ y }) =>
    numbersOf(tensorOf('float32', y?.dims ?? [], y?.data ?? new Uint8Array())),
  )
  const apart = Math.max(...(exact ?? []).map((value, i) => Math.abs(value - (close?.[i] as number))))
  expect(apart).toBeGreaterThan(1e-5)
  expect(apart).toBeLessThan(5e-4)
})

it('leaves models without such a GELU as they are', async () => {
  const { changed, lines } = await approximated('opset 20\n(x: float32[4]) -> (y)\ny = Gelu(x) {approximate: "tanh"}', 'ort')
  expect(changed).toBe(false)
  expect(lines).toEqual(['y = Gelu(x) {approximate: "tanh"}'])
})
