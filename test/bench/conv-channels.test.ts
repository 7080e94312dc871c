import { expect, it } from 'vitest'
import type { SessionSpec } from '../../core/runtime/session.ts'
import { modelOf } from '../support/graph.ts'
import { workshop } from '../support/pass-context.ts'
import { feedsFor } from '../support/run-model.ts'

/**
 * What the runtime makes of channels that do not fill the blocks of its NCHWc kernels (16 floats on AVX-512, 8 on AVX2): how fast 3x3
 * convolutions go beside a large MatMul, which is the most that this processor gives. A graph whose convolutions come near to that, counted
 * with the channels that the blocks are padded to, has nothing left to gain from rewriting.
 */
const depth = 8
const sizes = [
  [16, 32],
  [24, 32],
  [32, 32],
  [48, 16],
  [96, 8],
] as const

const convolutions = (channels: number, size: number) =>
  modelOf(
    [
      `(x0: float32[1, ${channels}, ${size}, ${size}]) -> (x${depth}: float32[1, ${channels}, ${size}, ${size}])`,
      ...Array.from({ length: depth }, (_, i) =>
        [
          `w${i} = float32[${channels}, ${channels}, 3, 3]`,
          `c${i} = Conv(x${i}, w${i}) {kernel_shape: [3, 3], pads: [1, 1, 1, 1]}`,
          `x${i + 1} = Relu(c${i})`,
        ].join('\n'),
      ),
    ].join('\n'),
  )

const product = () => modelOf('(x: float32[768, 768]) -> (y: float32[768, 768])\nw = float32[768, 768]\ny = MatMul(x, w)')
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number

it('convolutions by channels, and a MatMul', async () => {
  const { runtime, file } = await workshop()
  const cases = [
    ...sizes.map(([channels, size]) => ({
      what: `Conv 3x3, ${channels} channels, ${size}x${size}`,
      model: convolutions(channels, size),
      macs: channels * channels * 9 * size * size,
      count: depth,
    })),
    { what: 'MatMul 768', model: product(), macs: 768 ** 3, count: 1 },
  ]
  const table: Record<string, string | number>[] = []
  for (const threads of [1, 2]) {
    for (const { what, model, macs, count } of cases) {
      const session: SessionSpec = {
        model: await file(model),
        provider: 'cpu',
        threads,
        level: 'all',
        config: { 'session.force_spinning_stop': '1' },
      }
      const { runs } = await runtime.time({ sessions: [session], feeds: [feedsFor(model)], rounds: 200, warmup: 20, seed: 1 })
      const milliseconds = median(runs[0] ?? []) / count
      expect(milliseconds).toBeGreaterThan(0)
      table.push({
        threads,
        what,
        'µs each': Number((1000 * milliseconds).toFixed(1)),
        'GMAC/s': Number((macs / milliseconds / 1e6).toFixed(1)),
      })
    }
  }
  console.table(table)
})
