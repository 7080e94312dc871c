import { describe, it } from 'vitest'
import { fuseBiasGelu } from '../../../../core/targets/ort/fuse-bias-gelu.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-bias-gelu', () => {
  it('takes the bias in', () =>
    checkRule(fuseBiasGelu, {
      before: `(x: float32[2, 5, 8]) -> (y)
a = Add(float32[8], x)
y = lathe.Activation(a) {kind: "gelu"}`,
      after: `y = com.microsoft.BiasGelu(x, float32[8])`,
    }))

  it('takes the bias into the tanh form', () =>
    checkRule(fuseBiasGelu, {
      before: `(x: float32[2, 5, 8]) -> (y)
a = Add(x, float32[8])
y = lathe.Activation(a) {kind: "gelu-tanh"}`,
      after: `y = com.microsoft.FastGelu(x, float32[8])`,
    }))

  it('takes it into a standard Gelu', () =>
    checkRule(fuseBiasGelu, {
      before: `(x: float32[2, 5, 8]) -> (y)
a = Add(x, float32[8])
y = Gelu(a)`,
      after: `y = com.microsoft.BiasGelu(x, float32[8])`,
    }))

  it('leaves a term that is no bias', () =>
    checkRejects(
      fuseBiasGelu,
      `(x: float32[2, 5, 8]) -> (y)
a = Add(x, float32[5, 8])
y = Gelu(a)`,
      'the term is no bias along the last axis',
    ))
})
