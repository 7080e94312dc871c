import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { lineageSchema } from '../../../core/api/lineage.ts'
import type { Fidelity } from '../../../core/api/pipeline.ts'
import { reportSchema } from '../../../core/api/report.ts'
import type { RunEvent } from '../../../core/api/run-event.ts'
import type { Model } from '../../../core/ir/model.ts'
import { arrayBytes, float32Tensor, floatsOf, int64Tensor } from '../../../core/ir/numbers.ts'
import { onePart, type Pass, type PassContext } from '../../../core/pass.ts'
import { chain, problemFrom, testEngine } from '../../support/engine.ts'
import { modelFile } from '../../support/model-file.ts'
import { npzBytes } from '../../support/npz.ts'
import { sample } from '../../support/run-cli.ts'

function testPass(id: string, fidelity: Fidelity, work: (model: Model, context: PassContext) => unknown): Pass {
  return {
    ...{ id, fidelity, version: 1, title: id, summary: id, family: 'tidy' },
    options: z.strictObject({ amount: z.number().default(1) }),
    async run(model, _options, context) {
      await work(model, context)
      return onePart(model, true)
    },
  }
}

/** Multiplies a constant of the graph. */
function scaleConstant(model: Model, name: string, factor: number): void {
  const value = model.graph.find(name)!
  const { ref } = value.constant!
  model.graph.setInitializer(
    value,
    float32Tensor(
      ref.dims,
      floatsOf(value.constant!).map((each) => each * factor),
    ),
  )
}

let counted = 0
const lying = testPass('lying', 'rounding', (model) => scaleConstant(model, 'w2', 1.01))
const honest = testPass('honest', 'lossy', (model) => scaleConstant(model, 'w2', 1.01))
const breaking = testPass('breaking', 'exact', (model) => {
  const [input] = model.graph.inputs
  model.graph.addNode({ domain: 'nowhere', opType: 'Odd', inputs: [input!], outputs: ['odd'] })
})
const unrunnable = testPass('unrunnable', 'lossy', (model) => {
  model.opsets.set('nowhere', 1)
  const node = model.graph.addNode({ domain: 'nowhere', opType: 'Odd', inputs: [model.graph.inputs[0]!], outputs: ['odd'] })
  model.graph.setType(node.outputs[0]!, model.graph.inputs[0]!.type)
  model.graph.addOutput(node.outputs[0]!)
})
/** Takes the number of samples that it saw for granted. */
const shortsighted = testPass('shortsighted', 'exact', (model) => {
  const [reshape] = model.graph.nodes.filter(({ opType }) => opType === 'Reshape')
  model.graph.setInput(reshape!, 1, model.graph.addConstant('one', int64Tensor([1, -1])))
})
const failing = testPass('failing', 'exact', () => {
  throw new Error('an accident')
})
const counting = testPass('counting', 'exact', (model) => {
  counted += 1
  scaleConstant(model, 'w1', 1)
})
const twoBranches: [string, string][] = [
  ['source', 'odd'],
  ['source', 'fine'],
]
const idle = testPass('idle', 'exact', () => undefined)
const waiting = testPass(
  'waiting',
  'exact',
  (_model, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
)

const engine = await testEngine([lying, honest, breaking, unrunnable, shortsighted, failing, counting, idle, waiting])
const small = await modelFile(
  engine.folder,
  `(x: float32[2, 8]) -> (y: float32[2, 8])
  w1 = float32[8, 8]
  w2 = float32[8, 8]
  h = MatMul(x, w1)
  r = Relu(h)
  m = MatMul(r, w2)
  y = Add(m, x)`,
)
let runs = 0
const fresh = () => join(engine.folder, `out-${++runs}`)
const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
const files = (folder: string) => readdirSync(folder).sort()

describe('a run', () => {
  it('writes what it made with report and lineage, and makes the same again from what it remembers', async () => {
    const request = {
      model: sample('text-bert', 'model.onnx'),
      pipeline: chain(['tidy', 'clean-up'], ['int8', 'quantize-dynamic']),
      measure: false,
    }
    const events: RunEvent[] = []
    const [first, second] = [fresh(), fresh()]
    const report = await engine.run({ ...request, out: first }, { onEvent: (event) => events.push(event) })
    expect(files(first)).toEqual(['lineage.json', 'model.onnx', 'pipeline.json', 'report.html', 'report.json', 'report.md'])
    expect(reportSchema.parse(JSON.parse(readFileSync(join(first, 'report.json'), 'utf8')))).toEqual(report)
    expect(events[0]).toMatchObject({ type: 'started', stages: ['tidy', 'int8'], leaves: ['int8'] })
    expect(events.at(-1)).toEqual({ type: 'finished', report })
    const lineage = lineageSchema.parse(JSON.parse(readFileSync(join(first, 'lineage.json'), 'utf8')))
    expect(lineage.candidate).toBe(`sha256:${hash(join(first, 'model.onnx'))}`)
    expect(lineage.baseline).toBe(`sha256:${hash(request.model)}`)
    const again = await engine.run({ ...request, out: second })
    expect(again.stages.map(({ cached }) => cached)).toEqual([true, true])
    expect(again.stages.map(({ changes }) => changes)).toEqual(report.stages.map(({ changes }) => changes))
    for (const file of ['model.onnx', 'lineage.json']) expect(hash(join(second, file))).toBe(hash(join(first, file)))
  })

  it('starts no runtime process when nothing runs', () => {
    expect(engine.processes).toHaveLength(0)
  })

  it('checks every pass against the version before it, and measures the candidate', async () => {
    const report = await engine.run({
      model: small,
      pipeline: chain(['tidy', 'clean-up'], ['count', 'counting'], ['honest', 'honest']),
      rounds: 20,
    })
    expect(report.stages.map(({ verification }) => verification.verdict)).toEqual(['skipped', 'passed', 'reported'])
    expect(report.stages[1]!.verification).toMatchObject({ maxAbs: 0, cosine: 1 })
    expect(report.stages[2]!.verification.maxAbs).toBeGreaterThan(0)
    expect(report.candidates[0]!.latencyMs).toMatchObject({ verdict: expect.any(String) })
    expect(report.protocol).not.toBeNull()
  })
})

describe('a pass that does not keep its word', () => {
  it('is rejected with the first value that differs, and the run goes on with the version before it', async () => {
    const out = fresh()
    const report = await engine.run({ model: small, pipeline: chain(['lie', 'lying'], ['count', 'counting']), out, rounds: 5 })
    expect(report.stages[0]).toMatchObject({ id: 'lie', changed: false, verification: { verdict: 'rejected', firstDiverging: 'm' } })
    expect(report.stages[0]!.verification.reason).toMatch(/output 'y': differs by up to/)
    expect(report.stages[1]!.verification.verdict).toBe('passed')
    expect(report.notes.join('\n')).toMatch(
      /Stage 'lie' \(lying\) was rejected and the version before it kept.*first value that differs is 'm'/,
    )
    expect(await engine.diff({ a: { model: small }, b: { model: join(out, 'model.onnx') } })).toMatchObject({
      summary: { same: 4, changed: 0, added: 0, removed: 0 },
    })
  })

  it('is rejected when it leaves a broken graph, even when numbers are not compared', async () => {
    const report = await engine.run({ model: small, pipeline: chain(['break', 'breaking']), measure: false })
    expect(report.stages[0]!.verification).toMatchObject({
      verdict: 'rejected',
      reason: expect.stringContaining("no operator set for 'nowhere'"),
    })
  })

  it('is rejected when the runtime cannot run what it made, whatever its fidelity', async () => {
    const report = await engine.run({ model: small, pipeline: chain(['odd', 'unrunnable']), rounds: 5 })
    expect(report.stages[0]!.verification).toMatchObject({
      verdict: 'rejected',
      reason: expect.stringContaining('the runtime cannot run it'),
    })
  })
})

describe('what does not run', () => {
  it('is told in place of the figures, and the rest of the report stands', async () => {
    const pipeline = { ...chain(['odd', 'unrunnable'], ['fine', 'honest']), wires: twoBranches }
    const { candidates, notes } = await engine.run({ model: small, pipeline, verify: false, rounds: 5 })
    expect(candidates[0]).toMatchObject({
      problem: { code: 'candidate-does-not-run' },
      latencyMs: { unavailable: expect.stringContaining('The candidate does not run: ') },
      layers: [],
    })
    expect(candidates[1]!.latencyMs).toMatchObject({ baseline: { median: expect.any(Number) } })
    expect(notes.join('\n')).toMatch(/odd: Nothing could be measured\. The candidate does not run/)
  })

  it('in the source itself leaves the candidate without figures, and without blame', async () => {
    const never = await modelFile(engine.folder, '(x: float32[batch, 3]) -> (y: float32[...])\nw = float32[4, 5]\ny = MatMul(x, w)')
    const { candidates } = await engine.run({ model: never, pipeline: chain(['count', 'idle']) })
    expect(candidates[0]).toMatchObject({ latencyMs: { unavailable: expect.stringContaining('The baseline does not run: ') } })
    expect(candidates[0]!.problem).toBeUndefined()
  })

  it('for want of fitting inputs names what would help, and the report stands', async () => {
    const picky = await modelFile(engine.folder, '(x: float32[3, 5, 2], s: int64[2]) -> (y: float32[...])\ny = Reshape(x, s)')
    const { candidates, stages, notes } = await engine.run({ model: picky, pipeline: chain(['count', 'idle']), rounds: 1 })
    expect(stages[0]!.verification).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(/made up; give samples with --data/),
    })
    expect(candidates[0]!.latencyMs).toHaveProperty('unavailable')
    expect(notes.join('\n')).toMatch(
      /Nothing could be measured\..*Its inputs were made up: give a data set whose samples fit it \(--data\)\./,
    )
    expect(candidates[0]!.unmeasured).toMatchObject({ code: 'baseline-does-not-run', mend: expect.stringContaining('--data') })
  })

  it.each([
    ['inputs of 8-bit floats', '(x: float8e5m2[3], z: float16[1]) -> (y: float16[3])\ny = CastLike(x, z)', /'x' takes float8e5m2/],
    ['inputs of 4 bits', '(x: int4[5]) -> (y: float32[5])\ny = Cast(x) {to: 1}', /'x' takes int4/],
    ['outputs that are no tensors', '(x: float32[3]) -> (s)\ns = SequenceConstruct(x, x)', /cannot pass sequence/],
  ])('for %s leaves a report with the reason', async (_, text, reason) => {
    const model = await modelFile(engine.folder, text)
    const { candidates, stages } = await engine.run({ model, pipeline: chain(['count', 'idle']), rounds: 1 })
    expect(stages[0]!.verification.verdict).toBe('skipped')
    expect(candidates[0]!.problem).toBeUndefined()
    expect(candidates[0]!.latencyMs).toMatchObject({ unavailable: expect.stringMatching(reason) })
  })
})

describe('a pass that took the batch for granted', () => {
  it('is found out by more samples at once', async () => {
    const open = await modelFile(
      engine.folder,
      `(x: float32[batch, 2, 4]) -> (y: float32[batch, 8])
  f = Flatten(x)
  d = Shape(f)
  r = Reshape(f, d)
  y = Relu(r)`,
    )
    const report = await engine.run({ model: open, pipeline: chain(['short', 'shortsighted']), rounds: 5 })
    expect(report.stages[0]!.verification).toMatchObject({ verdict: 'rejected', reason: "output 'y': shape [1, 24] instead of [3, 8]" })
  })
})

describe('a stage that fails', () => {
  it('takes its own candidate along and leaves the other branches alone', async () => {
    const wires: [string, string][] = [
      ['source', 'count'],
      ['count', 'fail'],
      ['fail', 'never'],
      ['count', 'fine'],
    ]
    const pipeline = { ...chain(['count', 'counting'], ['fail', 'failing'], ['never', 'honest'], ['fine', 'honest']), wires }
    const out = fresh()
    const report = await engine.run({ model: small, pipeline, measure: false, out })
    expect(report.candidates).toMatchObject([
      { id: 'never', file: null, problem: { where: { stage: 'fail' } } },
      { id: 'fine', file: 'fine/model.onnx' },
    ])
    expect(files(out)).toEqual(['fine', 'pipeline.json', 'report.html', 'report.json', 'report.md'])
  })

  it('fails the run when there is no other candidate', async () => {
    const events: RunEvent[] = []
    const problem = await problemFrom(
      engine.run({ model: small, pipeline: chain(['fail', 'failing']), measure: false }, { onEvent: (event) => events.push(event) }),
    )
    expect(problem).toMatchObject({ kind: 'internal', where: { stage: 'fail' } })
    expect(events.at(-1)).toMatchObject({ type: 'failed', stage: 'fail' })
  })
})

describe('what is remembered', () => {
  const run = async (more: object = {}, model = small) => {
    const before = counted
    const { stages } = await engine.run({ model, pipeline: chain(['count', 'counting', { amount: 7 }]), measure: false, ...more })
    return { made: counted - before, cached: stages[0]!.cached }
  }

  it('is taken up for the same model, options and target, and for nothing else', async () => {
    expect(await run()).toEqual({ made: 1, cached: false })
    expect(await run()).toEqual({ made: 0, cached: true })
    expect(await run({ set: ['count.amount=8'] })).toEqual({ made: 1, cached: false })
    expect(await run({ target: 'onnx' })).toEqual({ made: 1, cached: false })
    expect(await run({ seed: 3 })).toEqual({ made: 1, cached: false })
    expect(await run()).toEqual({ made: 0, cached: true })
  })

  it('is not taken up when the labels of the same samples are others', async () => {
    const arrays = (first: bigint) =>
      npzBytes({
        x: { descr: '<f4', shape: [4, 8], data: arrayBytes(Float32Array.from({ length: 32 }, (_, i) => Math.sin(i))) },
        y: { descr: '<i8', shape: [4], data: arrayBytes(BigInt64Array.of(first, 1n, 2n, 3n)) },
      })
    const data = join(engine.folder, 'dataset.json')
    const manifest = { lathe: 1, kind: 'npz', evaluation: { file: 'eval.npz', labels: 'y' }, metric: { kind: 'accuracy' } }
    writeFileSync(data, JSON.stringify(manifest))
    writeFileSync(join(engine.folder, 'eval.npz'), arrays(0n))
    expect(await run({ data })).toEqual({ made: 1, cached: false })
    expect(await run({ data })).toEqual({ made: 0, cached: true })
    writeFileSync(join(engine.folder, 'eval.npz'), arrays(4n))
    expect(await run({ data })).toEqual({ made: 1, cached: false })
  })

  it('is neither read nor written when the cache is off', async () => {
    expect(await run({ cache: false })).toEqual({ made: 1, cached: false })
    expect(await run({ cache: false, set: ['count.amount=9'] })).toEqual({ made: 1, cached: false })
    expect(await run({ set: ['count.amount=9'] })).toEqual({ made: 1, cached: false })
  })

  it('follows the content of the file, not its name, size and time', async () => {
    const path = join(engine.folder, 'changing.onnx')
    copyFileSync(small, path)
    expect(await run({}, path)).toEqual({ made: 0, cached: true })
    const { mtime } = statSync(path)
    const bytes = readFileSync(path)
    // Another weight, same size, same time.
    bytes[bytes.length - 200]! ^= 1
    writeFileSync(path, bytes)
    utimesSync(path, mtime, mtime)
    expect(await run({}, path)).toEqual({ made: 1, cached: false })
  })
})

describe('a version that fixes the number of samples', () => {
  it('is checked and measured with as many', async () => {
    const open = await modelFile(
      engine.folder,
      '(x: float32[n, 8]) -> (y: float32[n, 8])\nw = float32[8, 8]\nh = MatMul(x, w)\ny = Relu(h)',
    )
    const report = await engine.run({ model: open, pipeline: chain(['freeze', 'freeze-shapes', { sizes: { n: 2 } }]), rounds: 20 })
    expect(report.stages[0]).toMatchObject({ changed: true, verification: { verdict: 'passed', maxAbs: 0 } })
    expect(report.protocol).toMatchObject({ batch: 2 })
    expect(report.candidates[0]).toMatchObject({ latencyMs: { verdict: expect.any(String) }, accuracy: { metric: 'sqnr', samples: 8 } })
  })
})

describe('cancelling', () => {
  it('ends the run as cancelled and leaves no file behind', async () => {
    const abort = new AbortController()
    const out = fresh()
    const onEvent = (event: RunEvent) => {
      if (event.type === 'stage-started' && event.stage === 'wait') abort.abort()
    }
    const problem = await problemFrom(
      engine.run({ model: small, pipeline: chain(['count', 'counting'], ['wait', 'waiting']), out }, { signal: abort.signal, onEvent }),
    )
    expect(problem.kind).toBe('cancelled')
    expect(existsSync(out)).toBe(false)
  })
})

describe('a folder that cannot be written to', () => {
  it('is refused before anything is computed', async () => {
    const inTheWay = join(engine.folder, 'in-the-way')
    writeFileSync(inTheWay, 'a file')
    const out = join(inTheWay, 'out')
    const events: RunEvent[] = []
    const request = { model: small, pipeline: chain(['count', 'counting']), out }
    const problem = await problemFrom(engine.run(request, { onEvent: (event) => events.push(event) }))
    expect(problem).toMatchObject({ kind: 'file', code: 'no-folder', where: { file: out } })
    expect(events.map(({ type }) => type)).toEqual(['started', 'failed'])
    expect(readFileSync(inTheWay, 'utf8')).toBe('a file')
  })
})
