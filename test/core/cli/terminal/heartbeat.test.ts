import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { withHeartbeat } from '../../../../core/cli/terminal/heartbeat.ts'
import { progressOn } from '../../../../core/cli/terminal/progress.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('says that work goes on while nothing is heard of it, until it stops', () => {
  const written: string[] = []
  const progress = withHeartbeat(progressOn({ write: (text) => written.push(text) }))
  progress.at('int8: check', 1, 4)
  vi.advanceTimersByTime(25_000)
  expect(written).toEqual(['int8: check, 10 s 25 %\n', 'int8: check, 20 s 25 %\n'])
  progress.at('int8: time', 2, 4)
  vi.advanceTimersByTime(9_000)
  expect(written).toHaveLength(3)
  progress.stop()
  vi.advanceTimersByTime(60_000)
  expect(written).toHaveLength(3)
})
