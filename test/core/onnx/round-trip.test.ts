import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Value } from '../../../core/ir/value.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { writeSkeleton } from '../../../core/onnx/skeleton.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { openSession } from '../../../core/runtime/ort.ts'
import type { Feeds } from '../../../core/runtime/session.ts'
import { feedsFor } from '../../support/run-model.ts'
import { readTensorFile } from '../../support/tensor-file.ts'

const scratch = mkdtempSync(join(tmpdir(), 'lathe-round-trip-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const shared = '../shared'
/** Milliseconds for a whole set of models, on a machine that does other things too. */
const patience = 240_000
const modelsUnder = (folder: string): string[] =>
  existsSync(folder)
    ? (readdirSync(folder, { recursive: true }) as string[])
        .filter((name) => name.endsWith('.onnx'))
        .sort()
        .map((name) => join(folder, name))
    : []

/** What running a file gives: bytes of every output, or that it cannot be run so. */
async function outcome(path: string, feeds: Feeds | null): Promise<string | null> {
  if (feeds === null) return null
  try {
    const session = await openSession({ model: path, provider: 'cpu', threads: 1, level: 'disabled' })
    const outputs = await session.run(session.prepare(feeds), [])
    await session.release()
    const entries = Object.entries(outputs).map(([name, { dtype, dims, data, strings }]) => [
      name,
      dtype,
      dims,
      strings ?? Buffer.from(data).toString('base64'),
    ])
    return JSON.stringify(entries)
  } catch {
    return null
  }
}

/** Types that the runtime's binding cannot give out: it ends the process. */
const unfetchable = new Set<string | undefined>(['int4', 'uint4', 'int2', 'uint2', 'float4e2m1', 'complex64', 'complex128', undefined])

const canFetch = ({ type }: Value): boolean => !unfetchable.has(type?.kind === 'tensor' ? type.dtype : undefined)

/** Inputs that come with a test of the ONNX standard; `null` when one is no tensor. */
function suppliedFeeds(path: string): Feeds | null {
  const folder = join(dirname(path), 'test_data_set_0')
  const { inputs, outputs } = openModel(path).graph
  if (!outputs.every(canFetch)) return null
  const feeds: Record<string, Feeds[string]> = {}
  try {
    inputs.forEach((input, index) => {
      const tensor = readTensorFile(join(folder, `input_${index}.pb`))
      const strings = tensor.strings?.map((text) => Buffer.from(text).toString())
      feeds[input.name] = { dtype: tensor.ref.dtype, dims: tensor.ref.dims, data: tensor.read(), ...(strings ? { strings } : {}) }
    })
    return feeds
  } catch {
    return null
  }
}

/** Seeded inputs; `null` when they are too large for a quick run. */
function generatedFeeds(path: string): Feeds | null {
  try {
    const feeds = feedsFor(openModel(path))
    const bytes = Object.values(feeds).reduce((sum, { data }) => sum + data.byteLength, 0)
    return bytes > 4_000_000 || (bytes > 200_000 && path.includes('fusion-cases')) ? null : feeds
  } catch {
    return null
  }
}

/** Writes a fork in every form and tells whether all of them give the same bits as the file; `null` when the file itself cannot be run. */
async function sameOutputs(path: string, feeds: Feeds | null): Promise<boolean | null> {
  const model = openModel(path).fork()
  expect(verifyModel(model), path).toEqual([])
  const folder = mkdtempSync(join(scratch, 'model-'))
  const inside = await writeModel(model, join(folder, 'inside.onnx'), { verbatim: false })
  const outside = await writeModel(model, join(folder, 'outside.onnx'), { externalData: 'always' })
  const skeleton = await writeSkeleton(model, folder)
  const again = await writeModel(openModel(inside.path), join(folder, 'again.onnx'), { verbatim: false })
  expect(
    readFileSync(again.path).equals(readFileSync(inside.path)),
    `${path}: reading what was written and writing it changes nothing`,
  ).toBe(true)
  const expected = await outcome(path, feeds)
  const found = await Promise.all([inside.path, outside.path, skeleton.path].map((file) => outcome(file, feeds)))
  rmSync(folder, { recursive: true, force: true })
  if (expected === null || found.every((one) => one === expected)) return expected === null ? null : true
  // A model that draws random numbers says nothing here.
  return expected === (await outcome(path, feeds)) ? false : null
}

/** Checks every model of a set; `fewest` of them must really have run, so that a broken harness cannot pass. */
async function check(paths: readonly string[], feedsOf: (path: string) => Feeds | null, fewest: number): Promise<void> {
  let ran = 0
  for (const path of paths) {
    const same = await sameOutputs(path, feedsOf(path))
    expect(same, `${path}: outputs are those of the file`).not.toBe(false)
    if (same === true) ran += 1
  }
  expect(ran).toBeGreaterThanOrEqual(fewest)
}

describe('a model that is opened and written gives the same bits', { timeout: patience }, () => {
  it.each(modelsUnder('samples'))('%s', (path) => check([path], generatedFeeds, 1))

  it.skipIf(!existsSync(`${shared}/models`))('trained models', () => check(modelsUnder(`${shared}/models`), generatedFeeds, 8))

  it.skipIf(!existsSync(`${shared}/real-models`))('models from the wild', () =>
    check(modelsUnder(`${shared}/real-models`), generatedFeeds, 10),
  )

  it.skipIf(!existsSync(`${shared}/fusion-cases`))('graphs of the runtime, every third', () =>
    check(
      modelsUnder(`${shared}/fusion-cases`).filter((_, index) => index % 3 === 0),
      generatedFeeds,
      40,
    ),
  )

  it.skipIf(!existsSync(`${shared}/onnx-node-tests`))('tests of the standard, every operator', () =>
    check(modelsUnder(`${shared}/onnx-node-tests`), suppliedFeeds, 600),
  )
})
