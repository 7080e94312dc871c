import type { Engine, EngineOptions } from './engine/interface.ts'

export type { Control, Engine, EngineOptions, RunControl } from './engine/interface.ts'
export type { RuntimePort, SpawnRuntime } from './runtime/session.ts'

/** The composition root: everything below is put together here and nowhere else. */
export function createEngine(options: EngineOptions): Engine {
  throw new Error(`not composed yet for ${options.store}`)
}
