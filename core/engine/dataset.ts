import type { DatasetInfo } from '../api/answers.ts'
import type { DatasetRequest } from '../api/requests.ts'
import type { LoadedSplit } from '../data/columns.ts'
import { loaders } from '../data/loaders.ts'
import { type Manifest, readManifest } from '../data/manifest.ts'
import { openData } from '../data/open.ts'
import type { Samples } from '../data/samples.ts'
import type { Workshop } from './workshop.ts'

/** What a dataset holds: fitted to a model when one is named, else as its files have it. */
export async function describeDataset(workshop: Workshop, { path, model }: DatasetRequest): Promise<DatasetInfo> {
  const manifest = await readManifest(path)
  const about = { path, kind: manifest.dataset.kind, metric: manifest.dataset.metric.kind }
  return model === undefined
    ? { ...about, ...(await asFound(workshop, manifest)) }
    : { ...about, ...(await asFitted(workshop, path, model)) }
}

type Content = Omit<DatasetInfo, 'path' | 'kind' | 'metric'>

async function asFitted({ models, store }: Workshop, manifest: string, model: string): Promise<Content> {
  const { graph } = models.find(model).model
  const data = await openData({ manifest, graph, store, halve: false })
  const count = (samples: Samples | null) => samples?.table.count ?? 0
  const columns = (data.evaluation ?? data.calibration ?? data.selection)?.table.inputs ?? []
  return {
    calibration: count(data.calibration),
    evaluation: count(data.evaluation),
    selection: count(data.selection),
    inputs: columns.map(inputText),
    notes: [...data.notes],
  }
}

async function asFound({ store }: Workshop, manifest: Manifest): Promise<Content> {
  const found: Partial<Record<'calibration' | 'evaluation' | 'selection', LoadedSplit>> = {}
  for (const name of ['calibration', 'evaluation', 'selection'] as const) {
    const split = manifest.dataset[name]
    if (split === undefined) continue
    const file = await manifest.resolve(split.file, `${name}.file`)
    found[name] = await loaders[manifest.dataset.kind]({
      file,
      split,
      manifest,
      inputs: [],
      store,
      skipBroken: true,
      limit: Number.POSITIVE_INFINITY,
    })
  }
  const splits = Object.values(found)
  return {
    calibration: found.calibration?.count ?? 0,
    evaluation: found.evaluation?.count ?? 0,
    selection: found.selection?.count ?? 0,
    inputs: (splits[0]?.columns ?? []).map(inputText),
    notes: [...new Set(splits.flatMap(({ notes }) => notes))],
  }
}

const inputText = ({ name, dtype, dims }: LoadedSplit['columns'][number]) => ({ name, type: `${dtype}[${dims.join(', ')}]` })
