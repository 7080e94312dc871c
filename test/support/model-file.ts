import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Model } from '../../core/ir/model.ts'
import { type WriteOptions, writeModel } from '../../core/onnx/write.ts'
import type { SessionSpec } from '../../core/runtime/session.ts'
import { modelOf } from './graph.ts'

/** A temporary folder for the tests of one file. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

let files = 0

/** Writes a model, or the model of a graph text, into a folder. */
export async function modelFile(folder: string, model: string | Model, options: WriteOptions = {}): Promise<string> {
  files += 1
  const path = join(folder, `model-${files}.onnx`)
  await writeModel(typeof model === 'string' ? modelOf(model) : model, path, options)
  return path
}

/** A session on the CPU with one thread. */
export const sessionOf = (model: string, more: Partial<SessionSpec> = {}): SessionSpec => ({
  model,
  provider: 'cpu',
  threads: 1,
  level: 'disabled',
  ...more,
})
