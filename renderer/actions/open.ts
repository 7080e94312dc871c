import type { Opened } from '../../core/api/answers.ts'
import type { Sample } from '../../core/api/contract.ts'
import type { Pipeline } from '../../core/api/pipeline.ts'
import { type Problem, ProblemError } from '../../core/api/problem.ts'
import { type Engine, problemIn, shell } from '../engine.ts'
import { noFindings } from '../model-view/findings.ts'
import { forgetScenes } from '../model-view/layouter.ts'
import { viewStore } from '../model-view/view-store.ts'
import { forgetViews } from '../resources/views.ts'
import { documentStore } from '../stores/document.ts'
import { sourceId } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { noRun } from '../stores/run-state.ts'
import { sessionStore, showTab } from '../stores/session.ts'
import { engine } from './connection.ts'
import { namedAsDropped, type StoredPaths } from './dropped-names.ts'
import { namesNodes, withoutForeignNames } from './foreign-names.ts'
import { loadDefaultPipeline } from './pipeline.ts'
import { documentIn, problemOfFile } from './pipeline-file.ts'

/** Says a problem on screen. */
export const tell = (thrown: unknown): void => sessionStore.setState({ problem: problemIn(thrown) })

/** Opens a model by path, and optionally the data that belongs to it. */
export async function openPath(path: string, data: string | null = null): Promise<void> {
  await opening(
    path.split(/[/\\]/).at(-1)!,
    async () => (await engine()).models.open({ path }),
    data === null ? undefined : () => chooseData(data),
  )
}

/** The sample that the welcome offers. */
export async function openFirstSample(): Promise<void> {
  const [sample] = await (await engine()).models.samples()
  if (sample) await openSample(sample)
}

export const openSample = (sample: Sample): Promise<void> => openPath(sample.model, sample.data)

/** The native dialog in the desktop shell, the browser's elsewhere. */
export async function openDialog(): Promise<void> {
  const desktop = shell()
  if (desktop) {
    const path = await desktop.openFile()
    if (path !== null) await openPath(path)
    return
  }
  const files = await pickFiles()
  if (files.length > 0) await openFiles(files)
}

/** Opens a model without putting it on screen, to compare another with it. `null` when none was picked. */
export async function openAside(): Promise<Opened | null> {
  const desktop = shell()
  if (desktop) {
    const path = await desktop.openFile()
    return path === null ? null : (await engine()).models.open({ path })
  }
  const files = await pickFiles()
  if (files.length === 0) return null
  return openUpload(await uploadAll(files))
}

const openUpload = ({ upload, paths }: Uploaded): Promise<Opened> =>
  namedAsDropped(paths, async () => (await engine()).models.openUpload({ upload }))

export function pickFiles(): Promise<File[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])]))
    input.addEventListener('cancel', () => resolve([]))
    input.click()
  })
}

/** Dropped or picked files: a model (with external data), a pipeline, or a data set with its manifest. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const model = files.find(({ name }) => /\.(onnx|tflite)$/i.test(name))
  if (model) return openDropped(files, model)
  const manifest = files.find(({ name }) => name.toLowerCase() === 'dataset.json')
  if (manifest) return openDroppedData(files, manifest)
  const document = files.find(({ name }) => /\.json$/i.test(name))
  if (document) return openPipelineFile(document)
  sessionStore.setState({
    problem: {
      kind: 'input',
      code: 'unknown-file',
      what: `${files[0]?.name ?? 'This'} is no model, pipeline or data set`,
      where: { file: files[0]?.name },
      mend: 'Drop an .onnx file, a pipeline (.json), or a dataset.json together with its files.',
    },
  })
}

async function openDropped(files: readonly File[], model: File): Promise<void> {
  const manifest = files.find(({ name }) => name.toLowerCase() === 'dataset.json')
  const desktop = shell()
  if (desktop) return openPath(desktop.pathOf(model), manifest ? desktop.pathOf(manifest) : null)
  let paths: StoredPaths = new Map()
  const upload = async () => {
    const uploaded = await uploadAll(files)
    paths = uploaded.paths
    return openUpload(uploaded)
  }
  await opening(model.name, upload, manifest && (() => namedAsDropped(paths, () => chooseData(paths.get(manifest.name)!))))
}

async function openDroppedData(files: readonly File[], manifest: File): Promise<void> {
  try {
    const desktop = shell()
    if (desktop) return await chooseData(desktop.pathOf(manifest))
    const { paths } = await uploadAll(files)
    await namedAsDropped(paths, () => chooseData(paths.get(manifest.name)!))
  } catch (error) {
    tell(error)
  }
}

async function openPipelineFile(file: File): Promise<void> {
  try {
    const document = documentIn(file.name, await file.text())
    const { pipeline } = await (await engine()).pipelines.plan({ pipeline: document as Pipeline })
    documentStore.replace(pipeline)
  } catch (error) {
    sessionStore.setState({ problem: problemOfFile(file.name, error) })
  }
}

interface Uploaded {
  readonly upload: string
  readonly paths: StoredPaths
}

/** Files that were dropped together stay together on the host; `into` puts them beside those of an earlier upload. */
export async function uploadAll(files: readonly File[], into = ''): Promise<Uploaded> {
  const paths = new Map<string, string>()
  let upload = into
  for (const file of files) {
    const query = new URLSearchParams({ name: file.name, ...(upload ? { upload } : {}) })
    const response = await fetch(`upload?${query}`, { method: 'POST', body: file })
    if (!response.ok) throw await uploadProblem(file, response)
    const stored = (await response.json()) as { upload: string; path: string }
    upload = stored.upload
    paths.set(file.name, stored.path)
  }
  return { upload, paths }
}

/** What the host says of a file that it does not take. */
async function uploadProblem({ name }: File, response: Response): Promise<Error> {
  const text = await response.text()
  const isProblem = response.headers.get('content-type') === 'application/json'
  return isProblem
    ? new ProblemError((JSON.parse(text) as { problem: Problem }).problem)
    : new Error(`${name} could not be uploaded: ${text}`)
}

/** A model takes the place of what was on screen; `null` for the welcome. */
export function show(opened: Opened | null): void {
  forgetViews()
  forgetScenes()
  viewStore.setState({ scene: null, index: null, findings: noFindings })
  runStore.setState(noRun, true)
  sessionStore.setState({ opened, stage: sourceId, candidate: null, selection: null, inside: [], data: null, interrupted: null })
  showTab('Model')
}

/** @param choose the data that were asked for; what lies beside the model unless given */
async function opening(name: string, open: () => Promise<Opened>, choose?: () => Promise<void>): Promise<void> {
  const { opened: previous } = sessionStore.getState()
  sessionStore.setState({ opening: name, problem: null })
  try {
    const opened = await open()
    show(opened)
    if (previous) void (await engine()).models.close({ model: previous.model })
    loadDefaultPipeline()
    await dropForeignNames()
    await (choose ? choose() : chooseDataBeside(opened))
  } catch (error) {
    tell(error)
  } finally {
    sessionStore.setState({ opening: null })
  }
}

/** What was kept in another model is none of this one, and its run would fail over it. */
async function dropForeignNames(): Promise<void> {
  const { opened, passes, restored } = sessionStore.getState()
  if (!opened || restored || !namesNodes(documentStore.getState().pipeline, passes)) return
  const { nodes } = await (await engine()).models.graphView({ model: opened.model })
  documentStore.edit((current) => withoutForeignNames(current, passes, nodes))
}

/** The data that lie beside a model, where they fit it; where not, they are not what it is judged on, and nobody asked for them. */
async function chooseDataBeside({ model, data, path }: Opened): Promise<void> {
  if (data === null || /\.tflite$/i.test(path)) return
  try {
    sessionStore.setState({ data: await (await engine()).dataset({ path: data, model }) })
  } catch (error) {
    if (problemIn(error).kind === 'internal') throw error
  }
}

/** @throws when the manifest or its files do not fit */
export async function chooseData(path: string | null, line?: Engine): Promise<void> {
  const data = path === null ? null : await (line ?? (await engine())).dataset({ path })
  sessionStore.setState({ data })
}
