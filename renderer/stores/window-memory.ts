import { z } from 'zod'
import { pipelineSchema } from '../../core/api/pipeline.ts'
import { tabs } from './session.ts'

const memorySchema = z.object({
  /** Handle of the open model, and its file for an engine that does not know the handle. */
  model: z.string(),
  path: z.string(),
  data: z.string().nullable(),
  run: z.string().nullable(),
  stage: z.string(),
  candidate: z.string().nullable(),
  tab: z.enum(tabs),
  pipeline: pipelineSchema,
})
/** What a window needs to be as it was after it was loaded again. Each window keeps its own. */
export type WindowMemory = z.infer<typeof memorySchema>

const key = 'lathe.window'

export function readWindow(storage: Pick<Storage, 'getItem'> = sessionStorage): WindowMemory | null {
  const text = storage.getItem(key)
  if (text === null) return null
  try {
    return memorySchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    // Somebody else's text under our key: as good as nothing.
    return null
  }
}

export function rememberWindow(memory: WindowMemory | null, storage: Pick<Storage, 'setItem' | 'removeItem'> = sessionStorage): void {
  if (memory === null) storage.removeItem(key)
  else storage.setItem(key, JSON.stringify(memory))
}
