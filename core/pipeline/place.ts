import { join } from 'node:path'
import type { Machine } from '../api/measurement.ts'
import type { Target } from '../api/pipeline.ts'
import type { SampleData } from '../data/open.ts'
import type { Model } from '../ir/model.ts'
import { writeSkeleton } from '../onnx/skeleton.ts'
import type { Pass, Score } from '../pass.ts'
import type { Level, Runtime, SessionSpec } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import type { Borders } from './borders.ts'

/** Versions as files that the runtime can load, for as long as a run lasts. */
export interface Workbench {
  /** Path of a frozen version's file; written once. */
  fileOf(model: Model): Promise<string>
  /** A file for a model that may still change, gone after `work`. */
  withFile<T>(model: Model, work: (path: string) => Promise<T>): Promise<T>
  remove(): Promise<void>
}

/** What a run works with: everything that a pass may reach, and how. */
export interface Place {
  readonly store: Store
  readonly runtime: Runtime
  readonly workbench: Workbench
  readonly passes: readonly Pass[]
  readonly machine: Machine
  readonly target: Target
  readonly provider: string
  readonly threads: number
  /** Samples for the opened model; `null` without a dataset. */
  readonly data: SampleData | null
  /** What versions are compared on: the dataset, or samples that were made up; `null` where none can be. */
  readonly samples: SampleData | null
  /** The task metric of a model on the selection samples. */
  readonly evaluate: (model: Model, borders: Borders) => Promise<Score>
  /** Whether remembered results may be taken up and are kept. */
  readonly cache: boolean
  /** Whether numbers are compared after every pass. */
  readonly verify: boolean
  readonly seed: number
}

/** How this run opens sessions; checks and calibration run with optimization off, what is judged as deployed runs at `all`. */
export function sessionOf(place: Pick<Place, 'provider' | 'threads'>, model: string, level: Level): SessionSpec {
  return { model, level, provider: place.provider, threads: place.threads }
}

/** A workbench in a scratch folder of the store, made when the first file is. */
export function createWorkbench(store: Store): Workbench {
  let folder: Promise<{ readonly path: string; remove(): Promise<void> }> | null = null
  let files = 0
  const known = new WeakMap<Model, Promise<string>>()
  const write = async (model: Model): Promise<string> => {
    folder ??= store.scratch('versions')
    files += 1
    const { path } = await folder
    return (await writeSkeleton(model, path, { name: `version-${files}.onnx` })).path
  }
  return {
    fileOf(model) {
      const path = known.get(model) ?? write(model)
      known.set(model, path)
      return path
    },
    async withFile(model, work) {
      const own = await store.scratch('model')
      try {
        return await work((await writeSkeleton(model, join(own.path, 'files'))).path)
      } finally {
        await own.remove()
      }
    },
    async remove() {
      await (await folder)?.remove()
      folder = null
    },
  }
}
