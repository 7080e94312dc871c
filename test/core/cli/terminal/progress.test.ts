import { describe, expect, it } from 'vitest'
import { progressOn } from '../../../../core/cli/terminal/progress.ts'

function recorder(isTTY: boolean) {
  const written: string[] = []
  let time = 0
  const progress = progressOn({ isTTY, columns: 60, write: (text) => written.push(text) }, () => time)
  return { progress, written, wait: (ms: number) => (time += ms) }
}

describe('progress on a terminal', () => {
  it('draws a bar over itself, and takes it away before a lasting line', () => {
    const { progress, written, wait } = recorder(true)
    progress.at('int8: calibrating', 32, 128)
    wait(100)
    progress.at('int8: calibrating', 64, 128)
    progress.line('done')
    expect(written[0]).toBe('██████░░░░░░░░░░░░░░░░░░  25 %  int8: calibrating')
    expect(written.join('')).toContain('\r\u001b[2K████████████░░░░░░░░░░░░  50 %')
    expect(written.at(-2)).toBe('\r\u001b[2K')
    expect(written.at(-1)).toBe('done\n')
  })

  it('redraws at most every 80 ms, and never past the edge', () => {
    const { progress, written, wait } = recorder(true)
    for (let done = 0; done < 1000; done += 1) {
      progress.at('a label that is longer than the terminal is wide, by far', done, 1000)
      wait(1)
    }
    expect(written.filter((text) => text.includes('%')).length).toBeLessThanOrEqual(13)
    for (const text of written) expect([...text].length).toBeLessThan(60)
  })
})

describe('progress elsewhere', () => {
  it('writes a plain line now and then', () => {
    const { progress, written, wait } = recorder(false)
    progress.at('timing', 1, 100)
    wait(6000)
    progress.at('timing', 50, 100)
    wait(10)
    progress.at('timing', 51, 100)
    progress.stop()
    expect(written).toEqual(['timing 50 %\n'])
  })
})
