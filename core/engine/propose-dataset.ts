import { access, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { type Dataset, manifestName } from '../api/dataset.ts'
import type { Unavailable } from '../api/measurement.ts'
import { ProblemError } from '../api/problem.ts'
import type { DataPreview, DataProposal } from '../api/proposal.ts'
import type { ProposeDatasetRequest, WriteDatasetRequest } from '../api/requests.ts'
import type { InputSpec } from '../data/columns.ts'
import { manifestOf } from '../data/manifest.ts'
import { inputsOf } from '../data/open.ts'
import { previewData } from '../data/preview.ts'
import { proposeManifest } from '../data/propose.ts'
import type { Graph } from '../ir/graph.ts'
import { writeWhole } from './output.ts'
import type { Workshop } from './workshop.ts'

/**
 * A manifest for a model and a folder, with the first samples as the model will take them in. What keeps samples from being shown stands in
 * the preview's place; a manifest that is given is looked at as it is.
 * @throws ProblemError when nothing in the folder fits the model
 */
export async function proposeDataset({ models, store }: Workshop, request: ProposeDatasetRequest): Promise<DataProposal> {
  const { graph } = models.find(request.model).model
  const folder = await realpath(request.folder).catch(() => request.folder)
  const path = join(folder, manifestName)
  const outputs = outputsOf(graph)
  const draft = await proposeManifest(folder, { inputs: inputsOf(graph), outputs })
  const manifest = request.manifest ?? draft.manifest
  return {
    ...{ folder, path, manifest },
    exists: await exists(path),
    because: request.manifest === undefined ? [...draft.because] : [],
    choices: { files: [...draft.files], columns: [...draft.columns], outputs: outputs.map(({ name }) => name) },
    preview: await previewOf(manifest, path, { graph, store }),
  }
}

/** Writes a manifest into its folder. An older one is replaced only when that is asked for. */
export async function writeDataset({ folder, manifest, replace = false }: WriteDatasetRequest): Promise<{ path: string }> {
  const path = join(folder, manifestName)
  if (!replace && (await exists(path)))
    throw new ProblemError({
      kind: 'input',
      code: 'manifest-exists',
      what: 'The folder has a manifest already',
      where: { file: path },
      mend: 'Use it as it is, or ask for it to be replaced.',
    })
  await writeWhole(path, `${JSON.stringify(manifestOf(manifest, path).dataset, null, 2)}\n`)
  return { path }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function previewOf(manifest: Dataset, path: string, context: Parameters<typeof previewData>[1]): Promise<DataPreview | Unavailable> {
  try {
    return await previewData(manifestOf(manifest, path), context)
  } catch (error) {
    if (error instanceof ProblemError) return { unavailable: `${error.problem.what}. ${error.problem.mend}` }
    throw error
  }
}

const outputsOf = (graph: Graph): InputSpec[] =>
  graph.outputs.flatMap(({ name, type }) => (type?.kind === 'tensor' ? [{ name, dtype: type.dtype, shape: type.shape }] : []))
