import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Report, reportSchema } from '../../../core/api/report.ts'
import { chain } from '../../support/engine.ts'
import { commandLine, documentOf, sample } from '../../support/run-cli.ts'

const pipeline = chain(['tidy', 'clean-up'], ['int8', 'quantize-dynamic'], ['again', 'clean-up', { arithmetic: false }])
const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

function machine() {
  const cli = commandLine()
  writeFileSync(join(cli.folder, 'p.json'), JSON.stringify(pipeline))
  const words = [
    'run',
    sample('text-bert', 'model.onnx'),
    '--pipeline',
    'p.json',
    '--data',
    sample('text-bert', 'dataset.json'),
    '--no-measure',
    '--json',
    '--out',
  ]
  return { ...cli, words }
}

/** What an uninterrupted run gives, on a machine of its own. */
async function undisturbed(): Promise<{ report: Report; model: string }> {
  const { lathe, words, folder } = machine()
  const report = reportSchema.parse(documentOf(await lathe(...words, 'out')))
  return { report, model: hash(join(folder, 'out', 'model.onnx')) }
}

describe('a run that was killed', () => {
  it('goes on after the last finished stage and ends with the same model', async () => {
    const expected = await undisturbed()
    const { start, lathe, words, folder } = machine()
    const { process: killed, ended } = start(...words, 'out')
    killed.stderr!.on('data', (text: Buffer) => {
      if (text.toString().includes('✓ tidy')) killed.kill('SIGKILL')
    })
    await ended
    expect(killed.signalCode).toBe('SIGKILL')
    expect(existsSync(join(folder, 'out', 'report.json'))).toBe(false)
    const report = reportSchema.parse(documentOf(await lathe(...words, 'out')))
    expect(report.stages[0]).toMatchObject({ id: 'tidy', cached: true })
    expect(hash(join(folder, 'out', 'model.onnx'))).toBe(expected.model)
    expect(report.stages.map(({ changes, nodes }) => ({ changes, nodes }))).toEqual(
      expected.report.stages.map(({ changes, nodes }) => ({ changes, nodes })),
    )
  })

  it('never leaves anything that a later run would mistake for whole, whenever it is killed', async () => {
    const expected = await undisturbed()
    const { start, lathe, words, folder } = machine()
    for (const delay of [350, 500, 650, 800]) {
      const { process: killed, ended } = start(...words, 'out')
      await pause(delay)
      killed.kill('SIGKILL')
      await ended
    }
    await lathe(...words, 'out')
    expect(hash(join(folder, 'out', 'model.onnx'))).toBe(expected.model)
    expect(readdirSync(join(folder, 'out')).filter((name) => !name.startsWith('.'))).toEqual([
      'lineage.json',
      'model.onnx',
      'pipeline.json',
      'report.html',
      'report.json',
      'report.md',
    ])
  })
})
