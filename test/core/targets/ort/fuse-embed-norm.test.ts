import { describe, it } from 'vitest'
import { fuseEmbedNorm } from '../../../../core/targets/ort/fuse-embed-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const embeddings = (start: number) => `(ids: int64[batch, seq], types: int64[batch, seq]) -> (y)
w = Gather(float32[9, 8], ids)
t = Gather(float32[4, 8], types)
wt = Add(w, t)
n = Shape(ids) {start: 1, end: 2}
p = Slice(int64[1, 12] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, int64[1] {${start}}, n, int64[1] {1}, int64[1] {1})
e = Gather(float32[12, 8], p)
s = Add(wt, e)
y = LayerNormalization(s, float32[8], float32[8]) {axis: -1, epsilon: 0.001}`

describe('fuse-embed-norm', () => {
  it('takes the three tables in', () =>
    checkRule(fuseEmbedNorm, {
      before: embeddings(0),
      after: `i = Cast(ids) {to: 6}
t = Cast(types) {to: 6}
y, _ = com.microsoft.EmbedLayerNormalization(i, t, float32[9, 8], float32[12, 8], float32[4, 8], float32[8], float32[8]) {epsilon: 0.001}`,
    }))

  it('takes positions that are known, and no segments', () =>
    checkRule(fuseEmbedNorm, {
      before: `(ids: int64[batch, 5]) -> (y)
w = Gather(float32[9, 8], ids)
s = Add(float32[1, 5, 8], w)
y = LayerNormalization(s, float32[8], float32[8]) {axis: -1, epsilon: 0.001}`,
      after: `i = Cast(ids) {to: 6}
y, _ = com.microsoft.EmbedLayerNormalization(i, _, float32[9, 8], float32[5, 8], _, float32[8], float32[8]) {epsilon: 0.001}`,
    }))

  it('takes embeddings in any order, and positions as a Range', () =>
    checkRule(fuseEmbedNorm, {
      before: `(ids: int64[batch, seq], types: int64[batch, seq]) -> (y)
n = Shape(ids)
l = Gather(n, int64 1)
r = Range(int64 0, l, int64 1)
p = Unsqueeze(r, int64[1] {0})
e = Gather(float32[12, 8], p)
w = Gather(float32[9, 8], ids)
pw = Add(e, w)
t = Gather(float32[4, 8], types)
s = Add(pw, t)
y = LayerNormalization(s, float32[8], float32[8]) {axis: -1, epsilon: 0.001}`,
      after: `i = Cast(ids) {to: 6}
t = Cast(types) {to: 6}
y, _ = com.microsoft.EmbedLayerNormalization(i, t, float32[9, 8], float32[12, 8], float32[4, 8], float32[8], float32[8]) {epsilon: 0.001}`,
    }))

  it('leaves known rows of another length than the words', () =>
    checkRejects(
      fuseEmbedNorm,
      `(ids: int64[batch, 5]) -> (y)
w = Gather(float32[9, 8], ids)
s = Add(float32[1, 1, 8], w)
y = LayerNormalization(s, float32[8], float32[8]) {axis: -1, epsilon: 0.001}`,
      'the positions are not known to count from 0',
    ))

  it('leaves positions that begin later', () => checkRejects(fuseEmbedNorm, embeddings(1), 'the positions are not known to count from 0'))
})
