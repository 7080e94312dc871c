import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { lineageSchema } from '../../../core/api/lineage.ts'
import { problemSchema } from '../../../core/api/problem.ts'
import { reportSchema } from '../../../core/api/report.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { commandLine, documentOf, sample } from '../../support/run-cli.ts'

const { lathe, start, folder } = commandLine()
const model = sample('text-bert', 'model.onnx')
const pipeline = join(folder, 'pipeline.json')
const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))

function writePipeline(file: string, stages: readonly object[], wires?: readonly (readonly [string, string])[]): string {
  const path = join(folder, file)
  writeFileSync(path, JSON.stringify({ lathe: 1, name: 'test', target: 'ort', stages, ...(wires ? { wires } : {}) }))
  return path
}

const int8 = { id: 'int8', pass: 'quantize-dynamic', options: {} }
const half = { id: 'half', pass: 'convert-float16', options: {} }

beforeAll(() => {
  writePipeline('pipeline.json', [int8])
})

describe('run', () => {
  it('writes the model, the report, the pipeline and the lineage, and prints the report as the one document', async () => {
    const ended = await lathe('run', model, '--pipeline', pipeline, '--out', 'one', '--no-measure', '--json')
    expect(ended.stderr).toMatch(/^✓ int8 \(quantize-dynamic\)/m)
    expect(ended.status).toBe(0)
    const report = reportSchema.parse(documentOf(ended))
    expect(report.stages).toMatchObject([{ id: 'int8', changed: true }])
    expect(report.candidates).toMatchObject([{ id: 'int8', file: 'model.onnx' }])
    expect(readdirSync(join(folder, 'one')).sort()).toEqual([
      'lineage.json',
      'model.onnx',
      'pipeline.json',
      'report.html',
      'report.json',
      'report.md',
    ])
    expect(reportSchema.parse(json('one/report.json'))).toEqual(report)
    expect(json('one/pipeline.json')).toMatchObject({ lathe: 1, stages: [{ id: 'int8', options: { perChannel: true } }] })
    const written = openModel(join(folder, 'one', 'model.onnx'))
    const lineage = lineageSchema.parse(json('one/lineage.json'))
    expect(lineage.nodes).toHaveLength(written.graph.nodeCount)
  })

  it('prints tables for people', async () => {
    const { status, stdout } = await lathe('run', model, '--pipeline', pipeline, '--out', 'people', '--no-measure')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^stage +pass +nodes +size +time +check$/m)
    expect(stdout).toMatch(/^Outputs were not compared after the passes: without measuring nothing is run for that either\.$/m)
    expect(stdout).toMatch(/^size +4\.15 MB → 1\.\d+ MB {2}-7\d %$/m)
    expect(stdout).toMatch(/^report +people\/report\.html$/m)
  })

  it('sets options of stages, and remembers them in the pipeline it writes', async () => {
    const { status } = await lathe('run', model, '--pipeline', pipeline, '--set', 'int8.perChannel=false', '--out', 'set', '--no-measure')
    expect(status).toBe(0)
    expect(json('set/pipeline.json').stages[0].options.perChannel).toBe(false)
  })

  it.each([
    ['int8.perChanel=false', /Did you mean perChannel\?/],
    ['int9.perChannel=false', /int8/],
    ['int8', /int8/],
  ])('refuses --set %s with the nearest names, as wrong usage', async (set, sentence) => {
    const { status, stderr } = await lathe('run', model, '--pipeline', pipeline, '--set', set, '--out', 'never', '--no-measure')
    expect(status).toBe(2)
    expect(stderr).toMatch(sentence)
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })

  it('tells which option a value does not fit', async () => {
    const { status, stderr } = await lathe(
      'run',
      model,
      '--pipeline',
      pipeline,
      '--set',
      'int8.perChannel=maybe',
      '--out',
      'never',
      '--no-measure',
    )
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/expected boolean.*perChannel/)
  })

  it('gives each leaf of a branching pipeline a folder', async () => {
    const branching = writePipeline(
      'branching.json',
      [int8, half],
      [
        ['source', 'int8'],
        ['source', 'half'],
      ],
    )
    const ended = await lathe('run', model, '--pipeline', branching, '--out', 'two', '--no-measure', '--json')
    expect(ended.status).toBe(0)
    expect(reportSchema.parse(documentOf(ended)).candidates.map(({ id }) => id)).toEqual(['int8', 'half'])
    for (const leaf of ['int8', 'half']) expect(readdirSync(join(folder, 'two', leaf)).sort()).toEqual(['lineage.json', 'model.onnx'])
  })

  it('tells where a pipeline file is wrong', async () => {
    const wrong = writePipeline('wrong.json', [{ ...int8, pass: 'quantise-dynamic' }])
    const { status, stderr } = await lathe('run', model, '--pipeline', wrong, '--out', 'never', '--no-measure')
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/quantize-dynamic/)
  })

  it('tells what is wrong with a model that was cut short', async () => {
    const cut = join(folder, 'cut.onnx')
    writeFileSync(cut, readFileSync(model).subarray(0, 1_000_000))
    const ended = await lathe('run', cut, '--pipeline', pipeline, '--out', 'never', '--json')
    expect(ended.status).toBe(1)
    const { problem } = documentOf(ended) as { problem: unknown }
    expect(problemSchema.parse(problem).where.file).toMatch(/cut\.onnx$/)
  })

  it('stops at Ctrl-C, with status 1 and nothing half-written', async () => {
    const { process: child, ended } = start(
      'run',
      model,
      '--pipeline',
      pipeline,
      '--data',
      sample('text-bert', 'dataset.json'),
      '--out',
      'stopped',
      '--no-cache',
      '--runs',
      '2000',
    )
    child.stderr?.once('data', () => child.kill('SIGINT'))
    const { status, stdout, stderr } = await ended
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^stopped: /m)
    const left = existsSync(join(folder, 'stopped')) ? readdirSync(join(folder, 'stopped')) : []
    expect(left).toEqual([])
  })
})
