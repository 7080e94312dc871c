import { expect, it } from 'vitest'
import { numbersOf } from '../../../../core/ir/numbers.ts'
import { tensorOf } from '../../../../core/ir/tensor.ts'
import { drive } from '../../../../core/rewrite/drive.ts'
import { expandAttention } from '../../../../core/rules/expand/expand-attention.ts'
import { inferShapes } from '../../../../core/shapes/infer.ts'
import { modelOf } from '../../../support/graph.ts'
import { feedsFor, runModel } from '../../../support/run-model.ts'

const both = (kvHeads: number, mask: string) => {
  const inputs = `(q: float32[2, 5, 16], k: float32[2, 7, ${kvHeads * 4}], v: float32[2, 7, ${kvHeads * 4}]${mask === '' ? '' : `, m: float32[${mask}]`}) -> (y)`
  const values = mask === '' ? '(q, k, v)' : '(q, k, v, m)'
  const canonical = modelOf(`opset 23, lathe 1\n${inputs}\ny = lathe.Attention${values} {heads: 4, kv_heads: ${kvHeads}, scale: 0.3}`)
  const standard = modelOf(`opset 23\n${inputs}\ny = Attention${values} {q_num_heads: 4, kv_num_heads: ${kvHeads}, scale: 0.3}`)
  return { canonical, standard }
}

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
