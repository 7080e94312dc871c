import { type Pipeline, pipelineSchema } from '../../core/api/pipeline.ts'

const key = 'lathe.pipelines'
const most = 20

type Saved = readonly { readonly path: string; readonly pipeline: unknown }[]

function saved(storage: Pick<Storage, 'getItem'>): Saved {
  try {
    const found: unknown = JSON.parse(storage.getItem(key) ?? '[]')
    return Array.isArray(found) ? (found as Saved) : []
  } catch {
    // Somebody else's text under our key: as good as nothing.
    return []
  }
}

/** The pipeline that was last worked on for a model; `null` when there is none that still fits. */
export function rememberedPipeline(path: string, storage: Pick<Storage, 'getItem'> = localStorage): Pipeline | null {
  return pipelineSchema.safeParse(saved(storage).find((one) => one.path === path)?.pipeline).data ?? null
}

export function rememberPipeline(path: string, pipeline: Pipeline, storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage): void {
  const others = saved(storage).filter((one) => one.path !== path)
  storage.setItem(key, JSON.stringify([{ path, pipeline }, ...others].slice(0, most)))
}
