import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import { told } from '../../../core/engine/told.ts'
import { problemFrom, testEngine } from '../../support/engine.ts'
import { modelFile } from '../../support/model-file.ts'
import { sample } from '../../support/run-cli.ts'

const engine = await testEngine()

describe('an error that leaves the engine', () => {
  const runtime = { kind: 'runtime', code: 'run-failed', what: 'It failed', mend: 'Mend it.' } as const
  const store = join('/cache', 'lathe')
  const of = (where: { file: string; node?: string }) => (told(new ProblemError({ ...runtime, where }), { store }) as ProblemError).problem

  it('names no file of our own, and no node that was named there', () => {
    const file = join(store, 'scratch', 'run', 'executed.onnx')
    expect(of({ file, node: 'unnamed_3' })).toEqual({ ...runtime, where: { node: '#3' }, details: file })
    expect(of({ file, node: 'k0' }).where).toEqual({})
    expect(of({ file, node: '/encoder/MatMul' }).where).toEqual({ node: '/encoder/MatMul' })
  })

  it('names the files of the user as they are', () => {
    for (const file of ['/home/model.onnx', join('/cache', 'lathe', 'scratch.onnx')])
      expect(of({ file, node: 'unnamed_3' }).where).toEqual({ file, node: 'unnamed_3' })
  })

  it('is a cancellation when the work was stopped, whatever broke then', async () => {
    const abort = new AbortController()
    const request = { model: sample('digits-cnn', 'model.onnx'), format: 'onnx', out: join(engine.folder, 'stopped.onnx') } as const
    const problem = await problemFrom(engine.export(request, { signal: abort.signal, onProgress: () => abort.abort() }))
    expect(problem).toMatchObject({ kind: 'cancelled', where: {} })
  })

  it('points to where a file was to go, not to where it was on its way', async () => {
    const model = await modelFile(engine.folder, '(x: float32[2]) -> (y: float32[2])\n  y = Relu(x)')
    writeFileSync(join(engine.folder, 'file'), '')
    const out = join(engine.folder, 'file', 'x.onnx')
    expect((await problemFrom(engine.export({ model, format: 'onnx', out }))).where).toEqual({ file: out })
  })
})
