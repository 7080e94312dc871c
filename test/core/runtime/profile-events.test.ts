import { expect, it } from 'vitest'
import { kernelTimes, type ProfileEvent, runTimes } from '../../../core/runtime/profile-events.ts'

const run = (ts: number): ProfileEvent => ({ cat: 'Session', name: 'model_run', ts, dur: 100 })
const kernel = (node: string, ts: number, dur: number): ProfileEvent => ({
  ...{ cat: 'Node', name: `${node}_kernel_time`, ts, dur },
  args: { op_name: 'Relu', provider: 'CPUExecutionProvider' },
})

it('puts kernels into the run that they began in, sums repetitions, and knows skipped branches', () => {
  const events = [
    { cat: 'Session', name: 'session_initialization', ts: 1, dur: 5 },
    ...[kernel('a', 110, 1), kernel('b', 120, 2), run(100)],
    ...[kernel('a', 210, 3), kernel('b', 220, 4), kernel('b', 230, 5), run(200)],
    ...[kernel('a', 310, 6), run(300), { ...kernel('a', 309, 50), name: 'a_fence_before' }],
  ]
  expect(kernelTimes(events, 1)).toEqual([
    { node: 'a', opType: 'Relu', provider: 'CPUExecutionProvider', runs: [3, 6] },
    { node: 'b', opType: 'Relu', provider: 'CPUExecutionProvider', runs: [9, 0] },
  ])
  expect(runTimes(events, 1)).toEqual([100, 100])
})
