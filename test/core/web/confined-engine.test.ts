import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isContractProcedure } from '@orpc/contract'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { contract } from '../../../core/api/contract.ts'
import { confinedEngine } from '../../../core/web/confined-engine.ts'
import { Reach } from '../../../core/web/reach.ts'
import { chain, testEngine } from '../../support/engine.ts'
import { sample } from '../../support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'lathe-confined-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const engine = confinedEngine(await testEngine(), new Reach({ read: [sample()], write: [folder] }))
const digits = sample('digits-cnn', 'model.onnx')
const outside = join(folder, 'model.onnx')
const manifest = { lathe: 1, kind: 'npz', evaluation: { file: 'eval.npz' }, metric: { kind: 'sqnr' } } as const
const plan = chain(['tidy', 'clean-up'])

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'allowed',
    (error: { problem?: { code: string } }) => error.problem?.code ?? String(error),
  )

/** Text in requests that names a file, with the call that must refuse one outside. */
const paths: Readonly<Record<string, () => Promise<unknown>>> = {
  'models.open.path': () => engine.open({ path: outside }),
  'models.open.confirm[]': () => engine.open({ path: digits, confirm: [outside] }),
  'models.inspect.model': () => engine.inspect({ model: outside }),
  'models.graphView.model': () => engine.graphView({ model: outside }),
  'models.nodeDetail.model': () => engine.nodeDetail({ model: outside, node: 'x' }),
  'models.diff.a.model': () => engine.diff({ a: { model: outside }, b: { model: digits } }),
  'models.diff.b.model': () => engine.diff({ a: { model: digits }, b: { model: outside } }),
  'models.compare.baseline': () => engine.compare({ baseline: outside, candidate: digits }),
  'models.compare.candidate': () => engine.compare({ baseline: digits, candidate: outside }),
  'models.compare.data': () => engine.compare({ baseline: digits, candidate: digits, data: outside }),
  'models.bench.models[]': () => engine.bench({ models: [digits, outside] }),
  'models.bench.data': () => engine.bench({ models: [digits], data: outside }),
  'models.export.model': () => engine.export({ model: outside, format: 'onnx', out: join(folder, 'out.onnx') }),
  'models.export.out': () => engine.export({ model: digits, format: 'onnx', out: sample('out.onnx') }),
  'models.export.verify': () => engine.export({ model: digits, format: 'onnx', out: join(folder, 'out.onnx'), verify: outside }),
  'pipelines.plan.pipeline': () => engine.plan({ pipeline: outside }),
  'pipelines.wouldChange.model': () => engine.wouldChange({ model: outside }),
  'pipelines.recommend.model': () => engine.recommend({ model: outside }),
  'pipelines.recommend.data': () => engine.recommend({ model: digits, data: outside }),
  'runs.start.model': () => engine.run({ model: outside, pipeline: plan }),
  'runs.start.pipeline': () => engine.run({ model: digits, pipeline: outside }),
  'runs.start.data': () => engine.run({ model: digits, pipeline: plan, data: outside }),
  'runs.start.out': () => engine.run({ model: digits, pipeline: plan, out: sample('out') }),
  'runs.start.confirm[]': () => engine.run({ model: digits, pipeline: plan, confirm: [outside] }),
  'datasets.propose.model': () => engine.proposeDataset({ model: outside, folder: sample('digits-cnn') }),
  'datasets.propose.folder': () => engine.proposeDataset({ model: digits, folder }),
  'datasets.write.folder': () => engine.writeDataset({ folder: sample('digits-cnn'), manifest }),
  'dataset.path': () => engine.dataset({ path: outside }),
  'dataset.model': () => engine.dataset({ path: sample('digits-cnn', 'dataset.json'), model: outside }),
}

it('tells of the data beside a model only where they may be read', async () => {
  const dataOf = async (read: readonly string[]) =>
    (await confinedEngine(await testEngine(), new Reach({ read, write: [] })).open({ path: digits })).data
  expect(await dataOf([sample('digits-cnn')])).toBe(sample('digits-cnn', 'dataset.json'))
  expect(await dataOf([digits])).toBeNull()
})

/** Text in requests that is looked up among things that the engine itself made or lists, and never opened as a file. */
const names = [
  ...['models.openUpload.upload', 'models.reopen.model', 'models.close.model', 'models.nodeDetail.node', 'models.graphView.graph'],
  ...['runs.events.run', 'runs.cancel.run', 'runs.report.run', 'runs.reportPage.run'],
  ...[
    'models.compare.provider',
    'models.bench.provider',
    'models.bench.symbol',
    'runs.start.provider',
    'runs.start.set[]',
    'pipelines.plan.set[]',
  ],
]

describe('paths in requests', () => {
  it('are all known: whatever text a request takes is either a checked path or a name', () => {
    const isName = (field: string) =>
      names.includes(field) || /\.(run|stage)$/.test(field) || /^runs\.start\.pipeline\.|^datasets\.\w+\.manifest\b/.test(field)
    const texts = textFields(contract).filter((field) => !isName(field))
    expect(texts.toSorted()).toEqual(Object.keys(paths).toSorted())
  })

  it.each(Object.keys(paths))('%s outside of what the page may reach is refused', async (field) => {
    writeFileSync(outside, 'a file that is there')
    expect(await codeOf(paths[field]!())).toBe('path-not-allowed')
  })

  it('inside pass, and so do handles and presets', async () => {
    const { model } = await engine.open({ path: digits })
    expect((await engine.inspect({ model })).model.nodes).toBe(117)
    expect((await engine.plan({ pipeline: 'safe' })).order.length).toBeGreaterThan(0)
    const out = join(folder, 'inside', 'out.onnx')
    expect(await engine.export({ model, format: 'onnx', out, check: false })).toMatchObject({ file: out })
  })
})

describe('files that name other files', () => {
  const inside = mkdtempSync(join(tmpdir(), 'lathe-inside-'))
  afterAll(() => rmSync(inside, { recursive: true, force: true }))
  it('a dataset manifest does not lead out of its folder, neither by a path nor by a link', async () => {
    const confined = confinedEngine(await testEngine(), new Reach({ read: [inside], write: [] }))
    const manifest = join(inside, 'dataset.json')
    const eval_ = (file: string) =>
      writeFileSync(manifest, JSON.stringify({ lathe: 1, kind: 'npz', evaluation: { file }, metric: { kind: 'agreement' } }))
    eval_('../lathe.npz')
    expect(await codeOf(confined.dataset({ path: manifest }))).toBe('path-outside')
    eval_('/etc/passwd')
    expect(await codeOf(confined.dataset({ path: manifest }))).toBe('path-not-relative')
    symlinkSync('/etc/passwd', join(inside, 'link.npz'))
    eval_('link.npz')
    expect(await codeOf(confined.dataset({ path: manifest }))).toBe('path-outside')
  })
})

/** `models.open.path`, `models.bench.models[]`, ...: every place of every request that takes any text. */
function textFields(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([name, part]) => {
    const at = prefix === '' ? name : `${prefix}.${name}`
    if (!isContractProcedure(part)) return textFields(part as object, at)
    const schema = part['~orpc'].inputSchema as z.ZodType | undefined
    return schema === undefined ? [] : [...new Set(textsIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema, at))]
  })
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: unknown
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly prefixItems?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
}

function textsIn(schema: Schema, at: string): string[] {
  const any = schema.type === undefined && schema.anyOf === undefined && schema.enum === undefined && schema.const === undefined
  if (([schema.type].flat().includes('string') || any) && schema.enum === undefined && schema.const === undefined) return [at]
  return [
    ...(schema.anyOf ?? []).flatMap((one) => textsIn(one, at)),
    ...[schema.items ?? [], schema.prefixItems ?? []].flat().flatMap((one) => textsIn(one, `${at}[]`)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => textsIn(one, `${at}.${name}`)),
  ]
}
