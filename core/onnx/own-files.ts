import { existsSync, realpathSync } from 'node:fs'
import type { Model } from '../ir/model.ts'
import { allValues } from '../ir/walk.ts'
import { fileProblem } from './file-blob.ts'

/**
 * A model's tensors are read from its files while it is written, and a user's file is never written in place: those files cannot be a target.
 * @throws ProblemError `own-source`
 */
export function refuseOwnFiles(model: Model, targets: readonly string[]): void {
  const own = new Set<string>(model.opened?.files.map((file) => file.path))
  for (const value of allValues(model.graph)) if (value.initializer?.blob.path !== undefined) own.add(value.initializer.blob.path)
  const hit = targets.find((target) => existsSync(target) && own.has(realpathSync(target)))
  if (hit === undefined) return
  throw fileProblem(
    'own-source',
    'The model is read from this file, so it cannot be written over it',
    hit,
    'Choose another name or folder.',
  )
}
