import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Diff } from '../api/diff.ts'
import { type LineageDocument, lineageSchema } from '../api/lineage.ts'
import type { DiffRequest } from '../api/requests.ts'
import { diffByDocument, diffByLineage, diffByStructure } from '../diff/diff.ts'
import { contentHash } from './content-hash.ts'
import type { Found, Workshop } from './workshop.ts'

/** What changed from A to B: from recorded lineage where there is one, else by structure. */
export async function diffRequest(workshop: Workshop, request: DiffRequest): Promise<Diff> {
  const [a, b] = [workshop.find(request.a, 'look'), workshop.find(request.b, 'look')]
  const stepsBetween = laterSteps(a, b)
  if (stepsBetween !== null) return diffByLineage(a.model, stepsBetween)
  const document = await documentBeside(workshop, a, b)
  return document === null ? diffByStructure(a.model, b.model) : diffByDocument(document)
}

/** The steps from A to B when B is a later version of the same opened model. */
function laterSteps(a: Found, b: Found): Found['steps'] | null {
  if (a.source.model !== b.source.model) return null
  const same = a.steps.every(({ model }, at) => b.steps[at]?.model === model)
  return same ? b.steps.slice(a.steps.length) : null
}

/** A `lineage.json` beside B that was written for exactly these two files. */
async function documentBeside({ store }: Workshop, a: Found, b: Found): Promise<LineageDocument | null> {
  if (a.steps.length > 0 || b.steps.length > 0) return null
  const path = join(dirname(b.source.path), 'lineage.json')
  if (!existsSync(path)) return null
  const parsed = lineageSchema.safeParse(parsedJson(path))
  if (!parsed.success) return null
  const fits = parsed.data.baseline === (await contentHash(a.model, store)) && parsed.data.candidate === (await contentHash(b.model, store))
  return fits ? parsed.data : null
}

/** `null` when it is no JSON: a file of that name need not be ours. */
function parsedJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
