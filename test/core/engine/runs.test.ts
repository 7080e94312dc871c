import { describe, expect, it } from 'vitest'
import type { Engine } from '../../../core/engine/interface.ts'
import { RunBook } from '../../../core/engine/runs.ts'
import { stepsOf } from '../../../core/engine/steps.ts'

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

describe('work that is told step by step', () => {
  it('says that it waits, how far it is and what it found', async () => {
    const { book, end } = patient()
    await book.start(request)
    const steps = stepsOf(book, async ({ onProgress }) => {
      onProgress?.('first', 0, 2)
      await soon()
      onProgress?.('second', 1, 2)
      return 'found'
    })
    expect((await steps.next()).value).toEqual({ type: 'waiting' })
    const next = steps.next()
    await soon()
    end()
    expect((await next).value).toMatchObject({ type: 'progress', step: 'first' })
    expect((await steps.next()).value).toMatchObject({ type: 'progress', step: 'second' })
    expect((await steps.next()).value).toEqual({ type: 'finished', result: 'found' })
    expect((await steps.next()).done).toBe(true)
  })

  it('ends with its listener', async () => {
    const { book } = patient()
    let ended = false
    const steps = stepsOf(book, ({ signal, onProgress }) => {
      signal?.addEventListener('abort', () => {
        ended = true
      })
      onProgress?.('endless', 0, 0)
      return new Promise(() => undefined)
    })
    expect((await steps.next()).value).toMatchObject({ step: 'endless' })
    await steps.return(undefined)
    expect(ended).toBe(true)
  })
})
