import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStaging } from '../../../core/engine/staging.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lathe-staging-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const at = (...path: string[]) => join(root, 'out', ...path)
const open = () => openStaging(at(), { what: 'It cannot be made', file: at() })
const write = (folder: string, ...files: string[]) => {
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), 'new')
  }
}

describe('files that belong together', () => {
  it('appear at once, in folders of their own too, over older ones', async () => {
    write(at(), 'model.onnx', 'notes.txt')
    writeFileSync(at('model.onnx'), 'old')
    const staging = await open()
    write(staging.folder, 'report.json', 'model.onnx', join('int8', 'model.onnx'))
    expect(readFileSync(at('model.onnx'), 'utf8')).toBe('old')
    const files = await staging.publish()
    await staging.discard()
    expect([...files].sort()).toEqual([at('int8', 'model.onnx'), at('model.onnx'), at('report.json')])
    expect(files.at(-1)).toBe(at('report.json'))
    expect(readFileSync(at('model.onnx'), 'utf8')).toBe('new')
    expect(readdirSync(at()).sort()).toEqual(['int8', 'model.onnx', 'notes.txt', 'report.json'])
  })

  it('leave no trace when they are not published, not even the folder that was made for them', async () => {
    const staging = await open()
    write(staging.folder, 'model.onnx')
    await staging.discard()
    expect(existsSync(at())).toBe(false)
  })

  it('of a process that was killed are cleared away, and those of one that lives are not', async () => {
    const living = await open()
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    const abandoned = living.folder.replace(`_${process.pid}_`, `_${dead}_`)
    expect(abandoned).not.toBe(living.folder)
    write(abandoned, 'model.onnx')
    write(living.folder, 'model.onnx')
    await (await open()).discard()
    expect([existsSync(abandoned), existsSync(living.folder)]).toEqual([false, true])
    await living.discard()
    expect(existsSync(at('.lathe'))).toBe(false)
  })

  it('replace older weights of our own, and no others', async () => {
    write(at(), 'model.onnx', 'model.onnx.data')
    const first = await open()
    write(first.folder, 'model.onnx', 'lineage.json')
    await first.publish()
    expect(existsSync(at('model.onnx.data'))).toBe(true)
    const second = await open()
    write(second.folder, 'model.onnx', 'lineage.json')
    await second.publish()
    expect(existsSync(at('model.onnx.data'))).toBe(false)
  })
})
