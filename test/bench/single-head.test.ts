import { expect, it } from 'vitest'
import type { Model } from '../../core/ir/model.ts'
import { openSession } from '../../core/runtime/ort.ts'
import { modelOf } from '../support/graph.ts'
import { workshop } from '../support/pass-context.ts'
import { feedsFor } from '../support/run-model.ts'

/**
 * Attention of one head as its parts, as MultiHeadAttention and as the standard operator: wall and processor time as a share of the parts'. What
 * `core/targets/single-head.ts` decides by. `LATHE_THREADS` (1 unless given) is how many threads each session has.
 */
const threads = Number(process.env.LATHE_THREADS ?? 1)
const most = { rounds: 60, ms: 1500 }
const least = 5

interface Case {
  readonly sequences: number
  readonly positions: number
  readonly size: number
  readonly valueSize: number
}

const cases: readonly Case[] = [
  ...[32, 64, 128, 512].flatMap((size) =>
    [64, 256, 1024, 2048, 4096].map((positions) => ({ sequences: 1, positions, size, valueSize: size })),
  ),
  { sequences: 1, positions: 4096, size: 8, valueSize: 64 },
  { sequences: 8, positions: 64, size: 64, valueSize: 64 },
  { sequences: 8, positions: 256, size: 64, valueSize: 64 },
]

function forms({ sequences, positions, size, valueSize }: Case, masked: boolean): readonly Model[] {
  const rows = (width: number) => `float32[${sequences}, ${positions}, ${width}]`
  const mask = masked ? `, m: float32[${sequences}, 1, ${positions}, ${positions}]` : ''
  const border = `(q: ${rows(size)}, k: ${rows(size)}, v: ${rows(valueSize)}${mask}) -> (y)`
  const attributes = `num_heads: 1, scale: ${(1 / Math.sqrt(size)).toFixed(8)}`
  return [
    `opset 17\n${border}
t = Transpose(k) {perm: [0, 2, 1]}
s = MatMul(q, t)
c = Mul(s, float32 ${(1 / Math.sqrt(size)).toFixed(8)})
${masked ? 'w = Squeeze(m, int64[1] {1})\na = Add(c, w)' : ''}
p = Softmax(${masked ? 'a' : 'c'}) {axis: -1}
y = MatMul(p, v)`,
    `opset 17\n${border}\ny = com.microsoft.MultiHeadAttention(q, k, v${masked ? ', _, _, m' : ''}) {${attributes}}`,
    `opset 23\n${border}\ny = Attention(q, k, v${masked ? ', m' : ''}) {q_${attributes}, kv_num_heads: 1}`,
  ].map(modelOf)
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number

it(`attention of one head, ${threads} threads`, async () => {
  const { file } = await workshop()
  const table: Record<string, string | number>[] = []
  for (const masked of [false, true]) {
    for (const each of cases) {
      const models = forms(each, masked)
      const paths = await Promise.all(models.map(file))
      const sessions = await Promise.all(paths.map((model) => openSession({ model, provider: 'cpu', threads, level: 'all' })))
      const feeds = feedsFor(models[0] as Model)
      const prepared = sessions.map((session) => session.prepare(feeds))
      const [wall, processor] = [sessions.map((): number[] => []), sessions.map((): number[] => [])]
      const begin = performance.now()
      for (let round = 0; round < least || (round < most.rounds && performance.now() - begin < most.ms); round++) {
        for (const at of round % 2 === 0 ? [0, 1, 2] : [2, 1, 0]) {
          const [used, since] = [process.cpuUsage(), performance.now()]
          await sessions[at]?.run(prepared[at] as NonNullable<(typeof prepared)[number]>, ['y'])
          wall[at]?.push(performance.now() - since)
          const { user, system } = process.cpuUsage(used)
          processor[at]?.push((user + system) / 1000)
        }
      }
      await Promise.all(sessions.map((session) => session.release()))
      const share = (times: readonly number[][], at: number) => Number((median(times[at] ?? []) / median(times[0] ?? [])).toFixed(2))
      expect(median(wall[0] ?? [])).toBeGreaterThan(0)
      table.push({
        'sequences x positions': `${each.sequences} x ${each.positions}${masked ? ', masked' : ''}`,
        sizes: each.size === each.valueSize ? each.size : `${each.size}, ${each.valueSize}`,
        'parts ms': Number(median(wall[0] ?? []).toPrecision(3)),
        ...{ 'MultiHeadAttention wall': share(wall, 1), 'its processor time': share(processor, 1) },
        ...{ 'Attention wall': share(wall, 2), 'of it processor time': share(processor, 2) },
      })
    }
  }
  console.table(table)
}, 600_000)
