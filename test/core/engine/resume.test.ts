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

/** Processes that were started with an environment that holds this, by id. */
const processesWith = (text: string): string[] =>
  readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/environ`, 'utf8').includes(text)
    } catch {
      return false
    }
  })

describe.skipIf(!existsSync('/proc/self/environ'))('a run that is stopped while it times operators', () => {
  it('takes its processes along, and is made whole by the next one', async () => {
    const { start, lathe, folder } = machine()
    writeFileSync(join(folder, 'timed.json'), JSON.stringify(chain(['tidy', 'clean-up'], ['fuse', 'fuse', { choose: 'measured' }])))
    const words = ['run', sample('text-bert', 'model.onnx'), '--pipeline', 'timed.json', '--no-measure', '--json', '--out', 'out']
    const { process: stopped, ended } = start(...words)
    const started = new Promise((resolve) =>
      stopped.stderr!.on('data', (text: Buffer) => text.toString().includes('✓ tidy') && resolve(null)),
    )
    await started
    while (processesWith(folder).length < 2 && stopped.exitCode === null) await pause(20)
    stopped.kill('SIGINT')
    const { status, stderr } = await ended
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('stopped: The run was cancelled') })
    for (let waited = 0; processesWith(folder).length > 0 && waited < 2000; waited += 50) await pause(50)
    expect(processesWith(folder)).toEqual([])
    expect(existsSync(join(folder, 'out'))).toBe(false)
    const report = reportSchema.parse(documentOf(await lathe(...words)))
    expect(report.stages).toMatchObject([
      { id: 'tidy', cached: true },
      { id: 'fuse', changed: true },
    ])
  })
})

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
