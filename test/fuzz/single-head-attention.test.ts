import { describe, expect, it } from 'vitest'
import type { Model } from '../../core/ir/model.ts'
import { verifyModel } from '../../core/ir/verify.ts'
import { cleanUp } from '../../core/passes/clean-up.ts'
import { fuse } from '../../core/passes/fuse.ts'
import { drive } from '../../core/rewrite/drive.ts'
import type { Step } from '../../core/rewrite/rule.ts'
import { liftSingleHeadAttention } from '../../core/rules/attention/lift-single-head-attention.ts'
import { expand } from '../../core/rules/expand/index.ts'
import { tidy } from '../../core/rules/tidy/index.ts'
import { inferShapes } from '../../core/shapes/infer.ts'
import { structureOf } from '../../core/structure/structure.ts'
import { lowerings } from '../../core/targets/lowerings.ts'
import { modelOf, modelText } from '../support/graph.ts'
import { workshop } from '../support/pass-context.ts'
import { difference, feedsFor, runModel } from '../support/run-model.ts'
import { seeded } from '../support/seeds.ts'

/** Random spellings of attention with one head: where its rows come from, how its products are written, scaled, masked. */
const graphs = 80
const opsets = [11, 13, 17, 21, 23]

interface Spelling {
  readonly text: string
  readonly opset: number
  readonly masked: boolean
}

function spelling(seed: number): Spelling {
  const random = seeded(`single head ${seed}`)
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const opset = opsets[seed % opsets.length] as number
  const form = pick(['rows', 'rows', 'places', 'bare', 'axis of heads'] as const)
  const rank = form === 'bare' ? 2 : form === 'axis of heads' ? 4 : 3
  const [size, valueSize] = [pick([4, 8]), pick([4, 6])]
  const crossed = random() < 0.4
  const symbolic = random() < 0.5 && form !== 'places'
  const [batch, length, others] = symbolic ? ['batch', 'seq', crossed ? 'keys' : 'seq'] : ['2', '9', crossed ? '4' : '9']
  const lines: string[] = []
  let count = 0
  const add = (call: string): string => {
    lines.push(`n${++count} = ${call}`)
    return `n${count}`
  }
  const axes = Array.from({ length: rank - 2 }, (_, axis) => axis)
  const exchange = (x: string) => add(`Transpose(${x}) {perm: [${[...axes, rank - 1, rank - 2]}]}`)
  const view = (x: string, dims: readonly number[]) => add(`Reshape(${x}, int64[${dims.length}] {${dims}})`)

  /** Rows [.., length, wide], or with their last axes exchanged, from an input. */
  const projected = (input: string, wide: number, turned: boolean): string => {
    if (form === 'places') {
      const map = add(`Conv(${input}, float32[${wide}, 6, 1, 1], float32[${wide}])`)
      const places = view(map, [0, wide, -1])
      return turned ? places : exchange(places)
    }
    const product = add(`MatMul(${input}, float32[6, ${wide}])`)
    const biased = random() < 0.5 ? add(`Add(${product}, float32[${wide}])`) : product
    const rows = form === 'axis of heads' ? add(`Transpose(${view(biased, [0, -1, 1, wide])}) {perm: [0, 2, 1, 3]}`) : biased
    return turned ? exchange(rows) : rows
  }
  const factor = () => pick(['0.5', '0.25', '0.353553'])
  const scaled = (x: string): string =>
    random() < 0.5 ? x : random() < 0.5 ? add(`Mul(${x}, float32 ${factor()})`) : add(`Div(${x}, float32 2.0)`)

  // Keys before queries, as some write it: then without a mask, and with a Softmax along an axis that is not the last.
  const keysFirst = rank === 3 && random() < 0.3
  const query = scaled(projected('x', size, keysFirst))
  const keys = scaled(projected('z', size, !keysFirst))
  let scores = scaled(add(keysFirst ? `MatMul(${keys}, ${query})` : `MatMul(${query}, ${keys})`))
  const [one, own] = [Array(Math.max(0, rank - 2)).fill('1'), rank === 4 ? [batch, '1'] : rank === 3 ? [batch] : []]
  const masks: string[] = []
  for (let step = keysFirst ? 2 : Math.floor(random() * 3); step < 2; step++) {
    const name = `m${step}`
    const dims = pick([[others], [length, others], [...one, length, others], [...own, '1', others], [...own, length, others]])
    const kind = pick(['term', 'open', 'closed'] as const)
    masks.push(`${name}: float32[${dims}]`)
    if (kind === 'term') scores = add(`Add(${random() < 0.5 ? `${scores}, ${name}` : `${name}, ${scores}`})`)
    else {
      // Each query keeps some key: what is closed differs by less than the sum of both.
      const closed = add(`Greater(${name}, float32 2.5)`)
      const condition = kind === 'closed' ? closed : add(`Not(${closed})`)
      const fill = pick(['-inf', '-1e9', '-3.4e38'])
      scores = add(`Where(${condition}, ${kind === 'closed' ? `float32 ${fill}, ${scores}` : `${scores}, float32 ${fill}`})`)
    }
  }
  const apart = keysFirst && (opset < 13 || random() < 0.3)
  const seen = apart ? exchange(scores) : scores
  const softmax = add(`Softmax(${seen}) {axis: ${keysFirst && !apart ? 1 : opset < 13 ? rank - 1 : pick([-1, rank - 1])}}`)
  const weightsTurned = keysFirst && !apart
  // v^T p^T, or p v.
  const contextTurned = rank === 3 && random() < 0.5
  const weights = weightsTurned === contextTurned ? softmax : exchange(softmax)
  const values = projected('z', valueSize, contextTurned)
  const context = contextTurned ? `MatMul(${values}, ${weights})` : `MatMul(${weights}, ${values})`
  const input = (name: string, steps: string) =>
    form === 'places'
      ? `${name}: float32[2, 6, ${steps === '4' ? '2, 2' : '3, 3'}]`
      : `${name}: float32[${form === 'bare' ? '' : `${batch}, `}${steps}, 6]`
  const border = [input('x', length as string), input('z', others as string), ...masks]
  const text = `opset ${opset}, com.microsoft 1\n(${border.join(', ')}) -> (y)\n${lines.join('\n')}\ny = ${context}`
  return { text, opset, masked: masks.length > 0 }
}

const { run, context } = await workshop()

const sizes = new Map([
  ['batch', 2],
  ['seq', 5],
  ['keys', 3],
])

describe('attention with one head, however it is written', () => {
  it.each(Array.from({ length: graphs }, (_, seed) => seed))('is found, and computes the same in every form: %i', async (seed) => {
    const { text, opset, masked } = spelling(seed)
    const source = modelOf(text).freeze()
    const [attention, ...more] = structureOf(source).attention
    expect(attention, text).toBeDefined()
    expect(more, text).toEqual([])
    expect(attention?.heads).toBe(1)
    for (const projection of [attention?.query, attention?.key, attention?.value]) expect(projection?.opType, text).toMatch(/MatMul|Conv/)
    const feeds = feedsFor(source, { sizes })
    const expected = await runModel(source, feeds)
    const check = async (model: Model, title: string) => {
      expect(verifyModel(model), `${title}\n${text}`).toEqual([])
      const actual = await runModel(model, feeds)
      expect(
        difference(actual.y, expected.y as NonNullable<typeof expected.y>, 'rounding'),
        `${title}\n${modelText(model)}\nof\n${text}`,
      ).toBeNull()
    }
    const cleaned = (await run(cleanUp, source)).parts[0]!.freeze()
    for (const target of ['ort', 'onnx'] as const)
      await check((await fuse.run(cleaned.fork(), fuse.options.parse({}), { ...context(), target })).parts[0]!, `fused for ${target}`)
    // Every lowering, also where it would not pay.
    if (opset < 17 && masked) return
    const lowered = (rules: readonly Step[]) => {
      const model = cleaned.fork()
      drive(model, [liftSingleHeadAttention, ...tidy], { infer: inferShapes(model).node })
      drive(model, rules, { infer: inferShapes(model).node })
      model.opsets.delete('lathe')
      return model
    }
    await check(lowered(expand), 'expanded')
    await check(lowered([...lowerings.ort, ...expand]), 'lowered for ort')
    await check(lowered([...lowerings.onnx, ...expand]), 'lowered for onnx')
  })
})
