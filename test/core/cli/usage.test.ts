import { describe, expect, it } from 'vitest'
import { problemSchema } from '../../../core/api/problem.ts'
import { commands } from '../../../core/cli/commands/catalogue.ts'
import { commandLine, documentOf, sample } from '../../support/run-cli.ts'

const { lathe } = commandLine()
const model = sample('digits-cnn', 'model.onnx')

describe('help', () => {
  it('names every command, and each explains itself', async () => {
    const { status, stdout } = await lathe('--help')
    expect(status).toBe(0)
    for (const { grammar } of commands) expect(stdout).toContain(grammar.name)
    const run = await lathe('run', '--help')
    expect(run.status).toBe(0)
    expect(run.stdout).toMatch(/^lathe run MODEL \[options\]/)
  })

  it('tells the version', async () => {
    expect((await lathe('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(documentOf(await lathe('--version', '--json'))).toMatchObject({ version: expect.stringMatching(/^\d/) })
  })

  it('takes --json before the command too', async () => {
    expect(documentOf(await lathe('--json', 'inspect', model))).toMatchObject({ model: { path: model } })
  })
})

describe('wrong usage', () => {
  it.each([
    [['inpsect', model], /no command "inpsect"\. Did you mean inspect\?/],
    [['run', model, '--pipelin', 'safe'], /no option --pipelin\. Did you mean --pipeline\?/],
    [['run', model, '--pipeline', 'saef', '--out', 'out'], /'saef' is neither a preset nor a pipeline file/],
    [['run', model], /run needs --pipeline/],
    [['diff', model], /diff needs B/],
    [['bench', model, '--batch', 'two'], /--batch is "two"/],
    [
      ['export', model, '--format', 'onnx', '--weights', 'int8', '--out', 'x'],
      /--weights says nothing of an \.onnx file\. Leave it out, or write --format tflite/,
    ],
    [['export', model, '--format', 'tflite', '--external-data', '--out', 'x'], /--external-data says nothing of an \.tflite file/],
    [['export', model, '--format', 'tflite', '--out', 'x.onnx'], /--out names an \.onnx file, --format says tflite\. Name it \.tflite/],
    [['export', model, '--format', 'onxn', '--out', 'x'], /no format "onxn"\. Did you mean onnx\?/],
    [['run', model, '--pipeline', 'safe', '--out', 'out', '--target', 'tftile'], /no target "tftile"\. Did you mean tflite\?/],
  ])('%j ends with status 2 and the nearest names', async (typed, sentence) => {
    const { status, stdout, stderr } = await lathe(...typed)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(sentence)
  })

  it('is a document too with --json', async () => {
    const ended = await lathe('inspect', '--json')
    expect(ended.status).toBe(2)
    const { problem } = documentOf(ended) as { problem: unknown }
    expect(problemSchema.parse(problem)).toMatchObject({ kind: 'usage', code: 'missing-argument' })
  })
})

describe('a file that cannot be used', () => {
  it('ends with status 1, and the document says what, where and what to do', async () => {
    const ended = await lathe('inspect', 'absent.onnx', '--json')
    expect(ended.status).toBe(1)
    const { problem } = documentOf(ended) as { problem: unknown }
    const { kind, where, mend } = problemSchema.parse(problem)
    expect(kind).toBe('file')
    expect(where.file).toMatch(/absent\.onnx$/)
    expect(mend).not.toBe('')
    expect(ended.stderr).toContain(mend)
  })

  it('is told apart from a model', async () => {
    const { status, stderr } = await lathe('inspect', sample('digits-cnn', 'eval.npz'))
    expect(status).toBe(1)
    expect(stderr).toMatch(/eval\.npz/)
  })
})
