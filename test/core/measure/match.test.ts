import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedData, openData } from '../../../core/data/open.ts'
import { feedsOf } from '../../../core/data/samples.ts'
import { matchingOf, matchModels } from '../../../core/measure/match.ts'
import { sightingOf } from '../../../core/measure/observable.ts'
import { prepareVersion } from '../../../core/measure/version.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { dataFolder } from '../../support/data-folder.ts'
import { workshop } from '../../support/pass-context.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

const { store } = await dataFolder()
const { run } = await workshop()
const runtime = await testRuntime()
const bench = { runtime, provider: 'cpu', threads: 1 }

const script = '../shared/models/digits_cnn/model.onnx'

describe('two exports of the same network', () => {
  it.skipIf(!existsSync(script))('are matched layer by layer by their numbers, whatever their names', async () => {
    const models = [script, 'samples/digits-cnn/model.onnx'].map((path) => openModel(path).freeze())
    const samples = (await generatedData({ graph: models[0]!.graph, store, count: 1 })).evaluation!.table
    const feeds = await feedsOf(samples, 0, 1)
    const [baseline, candidate] = await Promise.all(
      models.map(async (model) => prepareVersion(model, feeds, (await store.scratch('match')).path, bench)),
    )
    const { relation, matching } = await matchModels({ baseline: baseline!, candidate: candidate!, samples, sources: {}, bench })
    const convolutions = baseline!.executed.version.graph.nodes.filter(({ opType }) => opType === 'Conv')
    for (const conv of convolutions) {
      const [counterpart] = relation.counterparts(conv.outputs[0]!)
      expect(counterpart?.value.producer?.opType, conv.name).toBe('Conv')
      // The same weights, under the same name in both exports.
      expect(counterpart?.value.producer?.inputs[1]?.name).toBe(conv.inputs[1]?.name)
      expect(relation.baselineOf(counterpart!.value.producer!).map(({ id }) => id)).toEqual([conv.id])
    }
    expect(matching).toMatchObject({
      confidence: 'high',
      text: expect.stringMatching(/5\d of 5\d values were found again by their numbers/),
    })
  })
})

describe('a model and what another tool quantized of it', () => {
  it('are matched although each value is there before and behind its quantization', async () => {
    const source = openModel('samples/digits-cnn/model.onnx').freeze()
    const data = await openData({ manifest: 'samples/digits-cnn/dataset.json', graph: source.graph, store, halve: false })
    const [tidy] = (await run(cleanUp, source)).parts
    const [quantized] = (await run(quantizeStatic, tidy!.freeze(), {}, data)).parts
    const samples = data.evaluation!.table
    const feeds = await feedsOf(samples, 0, 1)
    const [baseline, candidate] = await Promise.all(
      [source, quantized!.freeze()].map(async (model) => prepareVersion(model, feeds, (await store.scratch('match')).path, bench)),
    )
    const { relation, matching } = await matchModels({ baseline: baseline!, candidate: candidate!, samples, sources: {}, bench })
    const sums = baseline!.executed.version.graph.nodes.filter(({ opType }) => opType === 'Relu')
    const seen = sums.filter(({ outputs: [output] }) =>
      relation.counterparts(output!).some((found) => sightingOf(found, candidate!) !== null),
    )
    expect(seen).toHaveLength(sums.length)
    expect(matching.confidence).not.toBe('low')
  })
})

describe('a model and one that computes no more of its last layer than is read', () => {
  it('are matched there too: what the one has of all tokens, the other has of the first', async () => {
    const source = openModel('samples/text-bert/model.onnx').freeze()
    const [fused] = (await run(fuse, (await run(cleanUp, source)).parts[0]!.freeze())).parts
    const samples = (await generatedData({ graph: source.graph, store, count: 1 })).evaluation!.table
    const feeds = await feedsOf(samples, 0, 1)
    const [baseline, candidate] = await Promise.all(
      [source, fused!.freeze()].map(async (model) => prepareVersion(model, feeds, (await store.scratch('match')).path, bench)),
    )
    const { relation } = await matchModels({ baseline: baseline!, candidate: candidate!, samples, sources: {}, bench })
    const [norm] = baseline!.executed.version.graph.nodes.filter(({ name }) => /layer\.3\/output\/LayerNorm/.test(name))
    const [counterpart] = relation.counterparts(norm!.outputs[0]!)
    expect(counterpart?.maps).toContainEqual({ kind: 'select', axis: 1, kept: [0] })
    expect(sightingOf(counterpart!, candidate!)).not.toBeNull()
    // Of earlier layers all tokens are read.
    const [earlier] = baseline!.executed.version.graph.nodes.filter(({ name }) => /layer\.1\/output\/LayerNorm/.test(name))
    expect(relation.counterparts(earlier!.outputs[0]!)[0]?.maps).toEqual([])
    const [output] = source.graph.outputs
    expect(relation.counterparts(baseline!.executed.version.graph.outputs[0]!)[0]?.value.name).toBe(output!.name)
  })
})

describe('what a matching rests on', () => {
  it.each([
    [{ matched: 50, of: 52, apart: 0 }, 1, 'high', '50 of 52 values were found again by their numbers on a sample; 100 %'],
    [{ matched: 50, of: 52, apart: 3 }, 0.8, 'medium', '3 of them more than 5 % apart; 80 %'],
    [{ matched: 2, of: 52, apart: 0 }, 0.4, 'low', 'the others counted to what stands around them. Confidence: low.'],
    [
      { matched: 0, of: 0, apart: 0 },
      1,
      'high',
      'by names and weights (there are no float values whose numbers could be compared). Confidence: high.',
    ],
  ] as const)('%o and a share of nodes of %d: %s', (values, nodes, confidence, text) => {
    const found = matchingOf(values, nodes)
    expect(found).toMatchObject({ values, nodes, confidence })
    expect(found.text).toContain(text)
    expect(found.text).not.toContain('0 of 0')
  })
})
