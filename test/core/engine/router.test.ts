import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { RPCHandler } from '@orpc/server/message-port'
import { afterAll, describe, expect, it } from 'vitest'
import type { contract, PlacedEvent, Recent } from '../../../core/api/contract.ts'
import { createRouter } from '../../../core/engine/router.ts'
import { chain, testEngine } from '../../support/engine.ts'
import { sample } from '../../support/run-cli.ts'

const engine = await testEngine()
const opened: Recent[] = []
const router = createRouter(engine, {
  samples: async () => [],
  recents: async () => opened,
  noteOpened: async (recent) => void opened.push(recent),
  uploaded: (upload) => (upload === 'u1' ? sample('digits-cnn', 'model.onnx') : null),
})
const { port1, port2 } = new MessageChannel()
new RPCHandler(router).upgrade(port1)
port1.start()
port2.start()
const client: ContractRouterClient<typeof contract> = createORPCClient(new RPCLink({ port: port2 }))
afterAll(() => {
  port1.close()
  port2.close()
})

const problemFrom = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: { code: string; data: unknown }) => ({ code: error.code, data: error.data }),
  )
const gather = async (run: string, after?: number): Promise<PlacedEvent[]> => {
  const events: PlacedEvent[] = []
  for await (const event of await client.runs.events({ run, after })) events.push(event)
  return events
}

describe('the contract over a message port', () => {
  it('opens models and uploads, and remembers what was opened', async () => {
    const model = await client.models.open({ path: sample('text-bert', 'model.onnx') })
    expect(model).toMatchObject({ name: 'model.onnx', opset: 17, parameters: 1_018_973 })
    expect(await client.models.recents()).toMatchObject([{ path: sample('text-bert', 'model.onnx') }])
    expect(await client.models.openUpload({ upload: 'u1' })).toMatchObject({ nodes: 117 })
    expect(await problemFrom(client.models.openUpload({ upload: 'u2' }))).toMatchObject({
      code: 'PROBLEM',
      data: { code: 'unknown-upload' },
    })
  })

  it('keeps a model open for as long as a window or a run holds it', async () => {
    const { model } = await client.models.open({ path: sample('digits-cnn', 'model.onnx') })
    expect(await client.models.reopen({ model })).toMatchObject({ model, nodes: 117 })
    await client.models.close({ model })
    expect((await client.models.inspect({ model })).model.nodes).toBe(117)
    const { run } = await client.runs.start({ model, pipeline: chain(['tidy', 'clean-up']), measure: false })
    await client.models.close({ model })
    expect((await gather(run)).at(-1)?.event.type).toBe('finished')
    expect((await client.runs.list())[0]).toMatchObject({
      run,
      path: sample('digits-cnn', 'model.onnx'),
      data: null,
      document: { lathe: 1 },
    })
    expect((await client.models.diff({ a: { model }, b: { model, run, stage: 'tidy' } })).matchedBy).toBe('lineage')
    expect(await problemFrom(client.models.reopen({ model: 'model:99' }))).toMatchObject({ data: { code: 'not-open' } })
    expect(await problemFrom(client.runs.start({ model: 'model:99', pipeline: 'safe' }))).toMatchObject({ data: { code: 'not-open' } })
  })

  it('tells how far a benchmark is, then what it found, or why nothing', async () => {
    const steps = async (path: string) => {
      const told: Awaited<ReturnType<typeof client.models.bench>> extends AsyncIterator<infer S> ? S[] : never = []
      for await (const step of await client.models.bench({ models: [path], batch: [1, 2], runs: 3, threads: 1 })) told.push(step)
      return told
    }
    const told = await steps(sample('digits-cnn', 'model.onnx'))
    expect(told[0]).toMatchObject({ type: 'progress', of: 2 })
    expect(told.at(-1)).toMatchObject({ type: 'finished', result: { models: [{ batch: 1 }, { batch: 2 }] } })
    expect(await steps('/nowhere.onnx')).toMatchObject([{ type: 'failed', problem: { kind: 'file' } }])
  })

  it('carries problems as data, and refuses requests that are none', async () => {
    expect(await problemFrom(client.models.open({ path: '/nowhere.onnx' }))).toMatchObject({
      code: 'PROBLEM',
      data: { kind: 'file', where: { file: '/nowhere.onnx' } },
    })
    expect(await problemFrom(client.models.open({} as { path: string }))).toMatchObject({
      code: 'PROBLEM',
      data: { kind: 'input', code: 'bad-request', where: { path: 'path' } },
    })
    expect(await problemFrom(client.runs.report({ run: 'none' }))).toMatchObject({ data: { code: 'unknown-run' } })
    expect(await problemFrom(gather('none'))).toMatchObject({ data: { code: 'unknown-run' } })
  })

  it('streams a run to whoever listens, from wherever they left off', async () => {
    const { model } = await client.models.open({ path: sample('text-bert', 'model.onnx') })
    const pipeline = chain(['tidy', 'clean-up'], ['int8', 'quantize-dynamic'])
    const { run } = await client.runs.start({ model, pipeline, measure: false })
    const events = await gather(run)
    expect(events.map(({ at }) => at)).toEqual([...events.keys()])
    const types = events.map(({ event }) => event.type).filter((type) => type !== 'progress')
    // It is told at once that outputs are not compared when nothing is measured.
    expect(types).toEqual([
      'started',
      'note',
      'stage-started',
      'stage-finished',
      'stage-started',
      'stage-finished',
      'candidate',
      'finished',
    ])
    expect(events.map(({ ms }) => ms)).toEqual(events.map(({ ms }) => ms).toSorted((a, b) => a - b))
    expect(await gather(run, events.length - 3)).toEqual(events.slice(-2))
    expect((await client.runs.list())[0]).toMatchObject({ run, state: 'finished', stages: ['tidy', 'int8'] })
    const { html } = await client.runs.reportPage({ run })
    expect(html).toContain('<!doctype html>')

    const view = await client.models.graphView({ model, run, stage: 'int8' })
    const source = await client.models.graphView({ model })
    expect(source.nodes).toHaveLength(260)
    expect(new Set(view.nodes.map(({ id }) => id)).size).toBe(view.nodes.length)
    const product = view.nodes.find(({ opType }) => opType === 'MatMulInteger' || opType === 'DynamicQuantizeMatMul')!
    const detail = await client.models.nodeDetail({ model, run, stage: 'int8', node: product.id })
    expect(detail.history).toMatchObject([{ stage: 'int8', rule: 'quantize-dynamic' }])
    expect(detail.origins).toHaveLength(product.origins.length)
    const diff = await client.models.diff({ a: { model }, b: { model, run, stage: 'int8' } })
    expect(diff.matchedBy).toBe('lineage')
    expect(diff.pairs.flatMap(({ b }) => b)).toHaveLength(view.nodes.length)
  })

  it('runs one at a time and cancels what waits as well as what runs', async () => {
    const { model } = await client.models.open({ path: sample('text-bert', 'model.onnx') })
    const request = { model, pipeline: chain(['tidy', 'clean-up']), cache: false }
    const [first, second] = [await client.runs.start(request), await client.runs.start(request)]
    await client.runs.cancel(second)
    await client.runs.cancel(first)
    for (const { run } of [first, second])
      expect((await gather(run)).at(-1)?.event).toMatchObject({ type: 'failed', problem: { kind: 'cancelled' } })
    const waited = await gather(second.run)
    expect(waited[0]?.event).toMatchObject({ type: 'progress', step: 'waiting for the run before it' })
    const states = (await client.runs.list()).map(({ state }) => state)
    expect(states.slice(0, 2)).toEqual(['cancelled', 'cancelled'])
  })

  it('answers everything a new pipeline needs to know', async () => {
    const { model } = await client.models.open({ path: sample('digits-cnn', 'model.onnx') })
    expect((await client.pipelines.passes()).map(({ id }) => id)).toContain('clean-up')
    const presets = await client.pipelines.presets()
    const plan = await client.pipelines.plan({ pipeline: presets.find(({ id }) => id === 'cpu-int8')!.pipeline })
    expect(plan.leaves).toEqual(['int8'])
    const changes = await client.pipelines.wouldChange({ model })
    expect(changes.map(({ pass }) => pass)).toEqual((await client.pipelines.passes()).map(({ id }) => id))
    expect(changes.find(({ pass }) => pass === 'clean-up')!.nodes).toBeGreaterThan(30)
    const data = sample('digits-cnn', 'dataset.json')
    const { pipeline, reasons } = await client.pipelines.recommend({ model, data })
    expect(pipeline.stages.map(({ pass }) => pass)).toEqual(['clean-up', 'fuse', 'quantize-static'])
    expect(reasons).toHaveLength(3)
    expect(await client.dataset({ path: data, model })).toMatchObject({ kind: 'npz', metric: 'accuracy', calibration: 128 })
    expect(await client.machine()).toMatchObject({ runtime: { name: 'onnxruntime' } })
  })
})
