import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dataProposalSchema } from '../../../core/api/proposal.ts'
import { commandLine, documentOf, sample } from '../../support/run-cli.ts'

const { lathe, folder } = commandLine()
const model = sample('digits-cnn', 'model.onnx')

describe('data', { timeout: 120_000 }, () => {
  it('proposes what the sample itself says, writes it when asked, and never over another unasked', async () => {
    const own = join(folder, 'digits')
    mkdirSync(own)
    for (const file of ['calib.npz', 'eval.npz']) copyFileSync(sample('digits-cnn', file), join(own, file))
    const ended = await lathe('data', model, own, '--json')
    const proposal = dataProposalSchema.parse(documentOf(ended))
    expect(proposal).toMatchObject({ exists: false, manifest: JSON.parse(readFileSync(sample('digits-cnn', 'dataset.json'), 'utf8')) })
    expect(existsSync(join(own, 'dataset.json'))).toBe(false)
    expect((await lathe('data', model, own, '--write')).stdout).toMatch(/^Written to .*dataset\.json[\s\S]+float32\[1, 1, 32, 32\]/)
    expect(JSON.parse(readFileSync(join(own, 'dataset.json'), 'utf8'))).toEqual(proposal.manifest)
    const again = await lathe('data', model, own, '--write')
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('has a manifest already') })
    expect((await lathe('data', model, own, '--replace')).status).toBe(0)
  })

  it('says what is wrong with a folder', async () => {
    expect(await lathe('data', model, join(folder, 'nowhere'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('does not exist'),
    })
  })
})
