import { createStore } from 'zustand/vanilla'
import type { Dataset } from '../../core/api/dataset.ts'
import type { Problem } from '../../core/api/problem.ts'
import type { DataProposal } from '../../core/api/proposal.ts'
import { problemIn, shell } from '../engine.ts'
import { sessionStore } from '../stores/session.ts'
import { engine } from './connection.ts'
import { chooseData, pickFiles, uploadAll } from './open.ts'

export interface DatasetFormState {
  readonly shown: boolean
  /** As it is typed; the proposal names the folder that was looked into. */
  readonly folder: string
  /** Set when the files were uploaded: the manifest then goes the same way. */
  readonly upload: string | null
  readonly proposal: DataProposal | null
  /** The proposal with what was changed in the form. */
  readonly manifest: Dataset | null
  readonly busy: boolean
  readonly problem: Problem | null
}

const empty: DatasetFormState = { shown: false, folder: '', upload: null, proposal: null, manifest: null, busy: false, problem: null }

export const datasetFormStore = createStore<DatasetFormState>(() => empty)

export const openDatasetForm = (): void => datasetFormStore.setState({ ...empty, shown: true }, true)
export const closeDatasetForm = (): void => datasetFormStore.setState({ shown: false })

export const typeFolder = (folder: string): void => datasetFormStore.setState({ folder, upload: null })

/** Files of a dialog: on the desktop their folder is looked into, in a browser they are brought to the host first. */
export async function pickSamples(): Promise<void> {
  const files = await pickFiles()
  const [first] = files
  if (first === undefined) return
  await trying(async () => {
    const desktop = shell()
    const { upload, paths } = desktop ? { upload: null, paths: new Map([[first.name, desktop.pathOf(first)]]) } : await uploadAll(files)
    const path = [...paths.values()][0] as string
    datasetFormStore.setState({ folder: path.replace(/[/\\][^/\\]*$/, ''), upload })
    await look()
  })
}

/** Looks into the folder and proposes. */
export const proposeFor = (): Promise<void> => trying(look)

let asked = 0

async function look(manifest?: Dataset): Promise<void> {
  const { opened } = sessionStore.getState()
  const { folder } = datasetFormStore.getState()
  if (!opened || folder === '') return
  asked += 1
  const mine = asked
  const proposal = await (await engine()).datasets.propose({ model: opened.model, folder, manifest })
  if (mine !== asked) return
  const known = datasetFormStore.getState().proposal
  // Reasons are about what was proposed; what was changed since has none.
  const because = manifest === undefined ? proposal.because : (known?.because ?? [])
  datasetFormStore.setState({ proposal: { ...proposal, because }, manifest: proposal.manifest })
}

const pauseMs = 300
let pending: ReturnType<typeof setTimeout> | undefined

/** Takes a change of the form over, and looks again when typing pauses. */
export function changeManifest(change: Partial<Dataset>): void {
  const { manifest } = datasetFormStore.getState()
  if (manifest === null) return
  const changed = { ...manifest, ...change } as Dataset
  datasetFormStore.setState({ manifest: changed })
  clearTimeout(pending)
  pending = setTimeout(() => void trying(() => look(changed)), pauseMs)
}

/** Writes the manifest beside the samples and judges on them from now on. */
export function writeAndUse(): Promise<void> {
  return trying(async () => {
    const { proposal, manifest, upload } = datasetFormStore.getState()
    if (proposal === null || manifest === null) return
    const path = upload === null ? await writeBeside(proposal, manifest) : await uploadManifest(manifest, upload)
    await chooseData(path)
    closeDatasetForm()
  })
}

async function writeBeside({ folder, exists }: DataProposal, manifest: Dataset): Promise<string> {
  return (await (await engine()).datasets.write({ folder, manifest, replace: exists })).path
}

async function uploadManifest(manifest: Dataset, upload: string): Promise<string> {
  const file = new File([JSON.stringify(manifest, null, 2)], 'dataset.json', { type: 'application/json' })
  return (await uploadAll([file], upload)).paths.get(file.name) as string
}

async function trying(work: () => Promise<void>): Promise<void> {
  datasetFormStore.setState({ busy: true, problem: null })
  try {
    await work()
  } catch (error) {
    datasetFormStore.setState({ problem: problemIn(error) })
  } finally {
    datasetFormStore.setState({ busy: false })
  }
}
