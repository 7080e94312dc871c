import { describe, expect, it } from 'vitest'
import type { Engine } from '../../../core/engine/interface.ts'
import { RunBook } from '../../../core/engine/runs.ts'

/** An engine whose runs end when they are told to, and what happened in it. */
function patient() {
  const said: string[] = []
  const ends: (() => void)[] = []
  const run = async () => {
    said.push('run begins')
    await new Promise<void>((end) => ends.push(end))
    said.push('run ends')
  }
  return { book: new RunBook({ run } as unknown as Engine), said, end: () => ends.shift()?.() }
}
const request = { model: '/model.onnx', pipeline: 'safe' }
const soon = () => new Promise((resolve) => setImmediate(resolve))

describe('what times something besides the runs', () => {
  it('has the machine for itself, in the order in which it was asked for', async () => {
    const { book, said, end } = patient()
    await book.start(request)
    const bench = book.alone(async () => {
      said.push('bench begins')
      await soon()
      said.push('bench ends')
      return 7
    })
    await book.start(request)
    await soon()
    expect(said).toEqual(['run begins'])
    end()
    expect(await bench).toBe(7)
    await soon()
    end()
    await soon()
    expect(said).toEqual(['run begins', 'run ends', 'bench begins', 'bench ends', 'run begins', 'run ends'])
  })

  it('does not begin when nobody waits for it any more, and what fails holds nothing up', async () => {
    const { book, said, end } = patient()
    await book.start(request)
    const abort = new AbortController()
    const given = book.alone(async () => said.push('begun all the same'), abort.signal)
    const failing = book.alone(() => Promise.reject(new Error('no such model')))
    const last = book.alone(async () => 'done')
    abort.abort()
    end()
    await expect(given).rejects.toMatchObject({ problem: { kind: 'cancelled' } })
    await expect(failing).rejects.toThrow('no such model')
    expect(await last).toBe('done')
    expect(said).toEqual(['run begins', 'run ends'])
  })
})
