import { expect, it } from 'vitest'
import { activationBehind } from '../../../core/quantize/activation-behind.ts'
import { modelOf } from '../../support/graph.ts'

const behind = (body: string) => {
  const model = modelOf(`(x: float32[n, 4]) -> (y: float32[n, 4])\nv = Neg(x)\n${body}`)
  return activationBehind(model.graph.find('v')!)
}

it.each([
  ['silu', 's = Sigmoid(v)\ny = Mul(v, s)'],
  ['silu', 's = Sigmoid(v)\ny = Mul(s, v)'],
  ['silu', 'y = com.microsoft.QuickGelu(v) {alpha: 1.0}'],
  ['hard-swish', 'y = HardSwish(v)'],
  ['hard-swish', 's = HardSigmoid(v) {alpha: 0.1666667}\ny = Mul(v, s)'],
  ['sigmoid', 'y = Sigmoid(v)'],
  ['hard-sigmoid', 'y = HardSigmoid(v)'],
  ['tanh', 'y = Tanh(v)'],
])('knows %s by its nodes', (name, body) => {
  expect(behind(body)).toBe(name)
})

it.each([
  ['something else reads the value too', 's = Sigmoid(v)\np = Mul(v, s)\ny = Add(p, v)'],
  ['the gate is of another value', 's = Sigmoid(x)\ny = Mul(v, s)'],
  ['the gate is read elsewhere', 's = Sigmoid(v)\np = Mul(v, s)\ny = Add(p, s)'],
  ['the function is another', 'y = com.microsoft.QuickGelu(v) {alpha: 1.702}'],
  ['slopes differ', 's = HardSigmoid(v) {alpha: 0.3}\ny = Mul(v, s)'],
])('knows none where %s', (_, body) => {
  expect(behind(body)).toBeNull()
})
