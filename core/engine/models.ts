import { randomInt } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Opened } from '../api/answers.ts'
import { manifestName } from '../api/dataset.ts'
import { isHandle } from '../api/handle.ts'
import { type Problem, ProblemError, sentenceOf } from '../api/problem.ts'
import type { OpenRequest } from '../api/requests.ts'
import type { Model } from '../ir/model.ts'
import { countNodes } from '../ir/reference.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'
import { allValues } from '../ir/walk.ts'
import { fileBlob } from '../onnx/file-blob.ts'
import { openModel } from '../onnx/read.ts'
import { isTflite, looksLikeTflite, modelOfFile } from '../tflite/model.ts'

/** A model as opened, frozen. */
export interface OpenedModel {
  readonly path: string
  readonly model: Model
  readonly warnings: readonly Problem[]
}

/** Models by handle. A request may also name a path, which is then opened for that request alone. */
export class OpenModels {
  readonly #open = new Map<string, OpenedModel>()
  /** Windows that hold each handle. */
  readonly #holders = new Map<string, number>()
  /** Handles begin anywhere, so that none that a window still holds means another model to the next engine. */
  #count = randomInt(2 ** 47)

  open(request: OpenRequest): { handle: string; opened: OpenedModel } {
    const opened = read(request)
    this.#count += 1
    const handle = `model:${this.#count}`
    this.#open.set(handle, opened)
    this.#holders.set(handle, 1)
    return { handle, opened }
  }

  /** One more holder of an open model. @throws ProblemError when it is not open */
  reopen(handle: string): OpenedModel {
    const opened = this.#open.get(handle)
    if (opened === undefined) throw closed(handle)
    this.#holders.set(handle, (this.#holders.get(handle) ?? 0) + 1)
    return opened
  }

  /** One holder less; the last one closes it. */
  forget(handle: string): void {
    const left = (this.#holders.get(handle) ?? 0) - 1
    if (left > 0) this.#holders.set(handle, left)
    else {
      this.#holders.delete(handle)
      this.#open.delete(handle)
    }
  }

  /**
   * @param purpose `look`: also a `.tflite` file will do, whose graph can be shown and compared but neither rewritten nor run
   * @throws ProblemError when it is neither an open model nor a readable file
   */
  find(model: string, confirm?: string[], purpose: 'work' | 'look' = 'work'): OpenedModel {
    const open = this.#open.get(model)
    if (open === undefined && isHandle(model)) throw closed(model)
    const found = open ?? read({ path: model, confirm })
    if (purpose === 'work' && isTflite(found.model)) throw onlyToLookAt(found.path)
    return found
  }
}

function read({ path, confirm = [] }: OpenRequest): OpenedModel {
  const warnings: Problem[] = []
  const tflite = tfliteModel(path)
  if (tflite !== null) return { path, model: tflite, warnings }
  const model = openModel(path, { allowExternal: confirm, onWarning: (problem) => warnings.push(problem) }).freeze()
  return { path, model, warnings }
}

/** The graph of a `.tflite` file, `null` for files of other kinds and for those that cannot be read, of which reading tells. */
function tfliteModel(path: string): Model | null {
  const blob = existsSync(path) && statSync(path).isFile() ? fileBlob(path) : null
  if (blob === null || !looksLikeTflite(blob.read(0, Math.min(8, blob.size)))) return null
  return modelOfFile(blob.read(0, blob.size), path).freeze()
}

function onlyToLookAt(file: string): ProblemError {
  return new ProblemError({
    kind: 'unsupported',
    code: 'tflite-only-shown',
    what: 'A .tflite file can be looked at and compared, but neither rewritten nor run here',
    where: { file },
    mend: 'Use the ONNX model that it was made from.',
  })
}

function closed(model: string): ProblemError {
  return new ProblemError({
    kind: 'input',
    code: 'not-open',
    what: `No model is open under the handle '${model}'`,
    where: {},
    mend: 'Open its file again.',
  })
}

/** What the title bar says of a model. */
export function describe(handle: string, { path, model, warnings }: OpenedModel): Opened {
  return {
    model: handle,
    path,
    name: basename(path),
    bytes: bytesOnDisk(model),
    parameters: parametersOf(model),
    nodes: countNodes(model).nodes,
    opset: model.opset,
    producer: [model.header.producerName, model.header.producerVersion].filter(Boolean).join(' '),
    data: dataBeside(path),
    warnings: warnings.map(sentenceOf),
  }
}

/** The manifest that lies in the folder of a model and may be about it; `null` where there is none. */
function dataBeside(path: string): string | null {
  const manifest = join(dirname(path), manifestName)
  return statSync(manifest, { throwIfNoEntry: false })?.isFile() ? manifest : null
}

/** Bytes of all files that hold the model. */
export function bytesOnDisk(model: Model): number {
  return (model.opened?.files ?? []).reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Elements of all weights: constants of at least one axis, every tensor once. */
export function parametersOf(model: Model): number {
  const seen = new Set<Tensor>()
  let count = 0
  for (const { initializer } of allValues(model.graph)) {
    if (initializer === null || initializer.ref.dims.length === 0 || seen.has(initializer)) continue
    seen.add(initializer)
    count += countOf(initializer.ref.dims)
  }
  return count
}
