import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { allNodes } from '../../../core/ir/walk.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import { workshop } from '../../support/pass-context.ts'
import { sharedFolder, sharedModels } from '../../support/real-models.ts'
import { difference, feedsFor, runModel } from '../../support/run-model.ts'

interface Expectation {
  /** Whether onnxruntime ran the graph on random inputs. */
  readonly runs: boolean
  readonly ort_extended?: { readonly nodes: number; readonly ops: Readonly<Record<string, number>> }
}

const file = join(sharedFolder, 'fusion-cases/expectations.json')
const expectations: Readonly<Record<string, Expectation>> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}

/** The weights of the first are all the same number, so that its normalizations divide rounding errors; the others run only once optimized. */
const incomparable = /gpt2_attention.*no_skiplayernorm|past_no_unidir|matmul-bn-only|matmul_integer_to_float16_int8/
/** Dropouts that train are random. */
const trains = (model: Model) => [...allNodes(model.graph)].some(({ opType }) => /Dropout/.test(opType))
const takesText = (model: Model) => model.graph.inputs.some(({ type }) => type?.kind !== 'tensor' || type.dtype === 'string')

/** Where fusing leaves more nodes than the runtime's extended level, and why. */
const exceptions: readonly (readonly [RegExp, string])[] = [
  [
    /^conv_/,
    'a convolution stays apart from its activation unless asked for: quantization wants to see it, and the runtime joins them as it loads',
  ],
  [/^bias_dropout/, 'a Dropout that trains is kept: dropping it changes what the model computes'],
  [
    /^attention_(int32_mask|symbolic_batch)/,
    'query, key and value stay separate projections, so that their precisions may differ; and a mask of whole numbers is not known to hold 0 and 1 alone, so it is added as it is',
  ],
  [/^attention_past_no_unidir/, 'attention whose mask is cut out of a table by the length of its past is not lifted'],
  [/qdq/, 'constants that are stored quantized stay so'],
  [/^fuse-matmul-bn-only/, 'the normalization has five channels where its input has one: the graph itself does not run'],
  [/multiple_outputs/, 'an output of the model is computed even where its content is known'],
  [/^transpose_cast_matmul/, 'casts stay where the exporter put them: moving one changes where the model rounds'],
]

const { run, context } = await workshop()
const cases = sharedModels('fusion-cases')
const leftMore: string[] = []

describe.skipIf(cases.length === 0)("graphs of onnxruntime's own fusion tests", () => {
  it.each(cases)('mean the same after clean-up and fuse: %s', async (path) => {
    const model = openModel(join(sharedFolder, path))
    const cleaned = (await run(cleanUp, model)).parts[0] as Model
    const fused = (await fuse.run(cleaned.fork(), fuse.options.parse({}), { ...context(), target: 'ort' })).parts[0] as Model
    expect(verifyModel(fused)).toEqual([])
    note(path, model, fused)
    if (!expectations[basename(path)]?.runs || trains(model) || takesText(model) || incomparable.test(path)) return
    const feeds = feedsFor(model)
    const expected = await runModel(model, feeds)
    const actual = await runModel(fused, feeds)
    for (const [name, tensor] of Object.entries(expected)) expect(difference(actual[name], tensor, 'rounding'), name).toBeNull()
  })

  it('end with no more nodes than the runtime leaves, but for those with a reason', () => {
    expect(leftMore.filter((line) => !exceptions.some(([name]) => name.test(line)))).toEqual([])
    expect(leftMore.length).toBeLessThan(0.1 * cases.length)
  })
})

function note(path: string, model: Model, fused: Model): void {
  const { ort_extended: left } = expectations[basename(path)] ?? {}
  if (left === undefined || fused.graph.nodeCount <= left.nodes) return
  const ops: Record<string, number> = {}
  for (const { domain, opType } of fused.graph.nodes)
    ops[domain === '' ? opType : `${domain}.${opType}`] = (ops[domain === '' ? opType : `${domain}.${opType}`] ?? 0) + 1
  leftMore.push(
    `${basename(path)}: ${model.graph.nodeCount} -> ${fused.graph.nodeCount}, the runtime ${left.nodes}: ${JSON.stringify(ops)} / ${JSON.stringify(left.ops)}`,
  )
}
