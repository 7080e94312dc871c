import { describe, it } from 'vitest'
import { maskWindows } from '../../../../core/rules/attention/mask-windows.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const windowed = (scores: string, mask: string, back = '-1, 2, 4, 5') => `(s: float32[${scores}], x: float32[batch, 3, 2]) -> (y)
v = Reshape(x, int64[4] {-1, 2, 1, 1})
t = Add(v, s)
a = Reshape(t, int64[5] {-1, 3, 2, 4, 5})
m = Add(a, float32[${mask}])
y = Reshape(m, int64[4] {${back}})`

describe('mask-windows', () => {
  it('repeats the mask of each window for the batch', () =>
    checkRule(maskWindows, {
      before: windowed('1, 2, 4, 5', '1, 3, 1, 4, 5'),
      after: `v = Reshape(x, int64[4] {-1, 2, 1, 1})
t = Add(v, s)
z = Shape(v)
f = Slice(z, int64[1] {0}, int64[1] {1})
b = Div(f, int64[1] {3})
r = Concat(b, int64[4] {1, 1, 1, 1}) {axis: 0}
w = Expand(float32[1, 3, 1, 4, 5], r)
m = Reshape(w, int64[4] {-1, 1, 4, 5})
y = Add(t, m)`,
    }))

  it('knows the batch where the file does', () =>
    checkRule(maskWindows, {
      before: `(s: float32[6, 2, 4, 5]) -> (y)
a = Reshape(s, int64[5] {2, 3, 2, 4, 5})
m = Add(a, float32[1, 3, 2, 4, 5])
y = Reshape(m, int64[4] {-1, 2, 4, 5})`,
      after: `w = Expand(float32[1, 3, 2, 4, 5], int64[5] {2, 1, 1, 1, 1})
m = Reshape(w, int64[4] {-1, 2, 4, 5})
y = Add(s, m)`,
    }))

  it('leaves a mask that all windows share', () =>
    checkRejects(maskWindows, windowed('1, 2, 4, 5', '1, 1, 2, 4, 5'), 'the mask is not one of each window'))

  it('leaves axes that come out otherwise', () =>
    checkRejects(
      maskWindows,
      windowed('1, 2, 4, 5', '1, 3, 1, 4, 5', '-1, 2, 5, 4'),
      'the axes after it are not known to be those before it',
    ))
})
