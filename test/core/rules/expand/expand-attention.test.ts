import { expect, it } from 'vitest'
import type { Model } from '../../../../core/ir/model.ts'
import { numbersOf } from '../../../../core/ir/numbers.ts'
import { tensorOf } from '../../../../core/ir/tensor.ts'
import { drive } from '../../../../core/rewrite/drive.ts'
import { expandAttention } from '../../../../core/rules/expand/expand-attention.ts'
import { inferShapes } from '../../../../core/shapes/infer.ts'
import { modelOf } from '../../../support/graph.ts'
import { difference, feedsFor, runModel } from '../../../support/run-model.ts'

const both = (kvHeads: number, mask: string) => {
  const inputs = `(q: float32[2, 5, 16], k: float32[2, 7, ${kvHeads * 4}], v: float32[2, 7, ${kvHeads * 4}]${mask === '' ? '' : `, m: float32[${mask}]`}) -> (y)`
  const values = mask === '' ? '(q, k, v)' : '(q, k, v, m)'
  const canonical = modelOf(`opset 23, lathe 1\n${inputs}\ny = lathe.Attention${values} {heads: 4, kv_heads: ${kvHeads}, scale: 0.3}`)
  const standard = modelOf(`opset 23\n${inputs}\ny = Attention${values} {q_num_heads: 4, kv_num_heads: ${kvHeads}, scale: 0.3}`)
  return { canonical, standard }
}

/** Outputs of a model in the canonical form, expanded, and of one in the standard's: name by name the same. */
async function expectSame(canonical: Model, standard: Model): Promise<void> {
  drive(canonical, [expandAttention], { infer: inferShapes(canonical).node })
  canonical.opsets.delete('lathe')
  const feeds = feedsFor(standard)
  const [actual, expected] = [await runModel(canonical, feeds), await runModel(standard, feeds)]
  for (const [name, tensor] of Object.entries(expected)) expect(difference(actual[name], tensor, 'rounding'), name).toBeNull()
}

for (const [kvHeads, past] of [
  [4, 3],
  [2, 3],
  [2, 0],
]) {
  it(`joins ${past} keys and values of the past with those of ${kvHeads} heads`, async () => {
    const held = `float32[2, ${kvHeads}, ${past}, 4]`
    const inputs = `(q: float32[2, 5, 16], k: float32[2, 5, ${Number(kvHeads) * 4}], pk: ${held}, pv: ${held}) -> (y, key, value)`
    const values = `(q, k, k, float32[5, ${5 + Number(past)}], pk, pv)`
    await expectSame(
      modelOf(`opset 23, lathe 1\n${inputs}\ny, key, value = lathe.Attention${values} {heads: 4, kv_heads: ${kvHeads}, scale: 0.3}`),
      modelOf(`opset 23\n${inputs}\ny, key, value = Attention${values} {q_num_heads: 4, kv_num_heads: ${kvHeads}, scale: 0.3}`),
    )
  })
}

it('gives zeros to queries without an open key, where asked to', async () => {
  const inputs = '(q: float32[1, 2, 8], k: float32[1, 3, 8]) -> (y)'
  const mask = 'm = float32[2, 3] {-inf, -inf, -inf, 0.0, -inf, 0.5}'
  await expectSame(
    modelOf(`opset 23, lathe 1\n${inputs}\n${mask}\ny = lathe.Attention(q, k, k, m) {heads: 2, kv_heads: 2, scale: 0.3, safe: 1}`),
    modelOf(`opset 23\n${inputs}\n${mask}\ny = Attention(q, k, k, m) {q_num_heads: 2, kv_num_heads: 2, scale: 0.3}`),
  )
})

for (const [kvHeads, mask] of [
  [4, ''],
  [4, '2, 1, 5, 7'],
  [2, ''],
  [2, '2, 1, 5, 7'],
  [2, '5, 7'],
  [1, '1, 4, 5, 7'],
] as const) {
  it(`computes what the standard operator computes: ${kvHeads} key heads, mask [${mask}]`, async () => {
    const { canonical, standard } = both(kvHeads, mask)
    drive(canonical, [expandAttention], { infer: inferShapes(canonical).node })
    canonical.opsets.delete('lathe')
    const feeds = feedsFor(standard)
    const [a, b] = [await runModel(canonical, feeds), await runModel(standard, feeds)]
    const [found, wanted] = [a, b].map(({ y }) => numbersOf(tensorOf('float32', y?.dims ?? [], y?.data ?? new Uint8Array())))
    expect(found?.length).toBe(2 * 5 * 16)
    for (const [i, value] of (found ?? []).entries()) expect(value).toBeCloseTo(wanted?.[i] as number, 5)
  })
}

for (const mask of ['', '5, 7', '1, 5, 7', '2, 1, 1, 7', '2, 1, 5, 7']) {
  it(`of one head needs no views: mask [${mask}]`, async () => {
    const inputs = `(q: float32[2, 5, 16], k: float32[2, 7, 16], v: float32[2, 7, 6]${mask === '' ? '' : `, m: float32[${mask}]`}) -> (y)`
    const values = mask === '' ? '(q, k, v)' : '(q, k, v, m)'
    const canonical = modelOf(`opset 23, lathe 1\n${inputs}\ny = lathe.Attention${values} {heads: 1, kv_heads: 1, scale: 0.3}`)
    // The standard operator's kernel does not broadcast over queries.
    const whole = mask === '2, 1, 1, 7' ? 'e = Expand(m, int64[4] {2, 1, 5, 7})\n' : ''
    const standard = modelOf(
      `opset 23\n${inputs}\n${whole}y = Attention${whole === '' ? values : '(q, k, v, e)'} {q_num_heads: 1, kv_num_heads: 1, scale: 0.3}`,
    )
    await expectSame(canonical, standard)
    expect(canonical.graph.nodes.map(({ opType }) => opType)).not.toContain('Reshape')
  })
}
