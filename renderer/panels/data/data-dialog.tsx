import { Modal, TextInput } from '@mantine/core'
import { useStore } from 'zustand'
import { closeDatasetForm, datasetFormStore, pickSamples, proposeFor, typeFolder, writeAndUse } from '../../actions/dataset-form.ts'
import { sessionStore } from '../../stores/session.ts'
import { Loading } from '../../ui/empty.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { DataPreview } from './data-preview.tsx'
import { ManifestForm } from './manifest-form.tsx'
import './data.css'

/** From a folder of samples to a data set: what was found, what is proposed and why, and the first samples as the model takes them. */
export function DataDialog() {
  const { shown, proposal, manifest, problem, busy } = useStore(datasetFormStore)
  return (
    <Modal opened={shown} onClose={closeDatasetForm} title="Data set from a folder" size={860} closeButtonProps={{ 'aria-label': 'Close' }}>
      <div className="data-form">
        <FolderLine />
        {problem && <ProblemNote problem={problem} />}
        {busy && !proposal && <Loading what="Looking into the folder, and reading the first samples…" />}
        {proposal && manifest && (
          <>
            <div className="data-sides">
              <ManifestForm manifest={manifest} proposal={proposal} />
              <DataPreview preview={proposal.preview} />
            </div>
            <Save exists={proposal.exists} path={proposal.path} />
          </>
        )}
      </div>
    </Modal>
  )
}

function FolderLine() {
  const { folder, busy, proposal } = useStore(datasetFormStore)
  const model = useStore(sessionStore, ({ opened }) => opened?.name)
  return (
    <form
      className="data-folder"
      onSubmit={(event) => {
        event.preventDefault()
        void proposeFor()
      }}
    >
      <TextInput
        label="Folder"
        description={`Arrays, images, texts with a tokenizer, or tables for ${model}.`}
        placeholder="/path/to/samples"
        value={folder}
        onChange={(event) => typeFolder(event.currentTarget.value)}
        data-autofocus
      />
      <button type="submit" className={proposal ? 'btn' : 'btn go'} disabled={folder === '' || busy}>
        {busy ? 'Looking…' : 'Look'}
      </button>
      <button type="button" className="btn" disabled={busy} onClick={() => void pickSamples()}>
        Choose files…
      </button>
    </form>
  )
}

function Save({ exists, path }: { exists: boolean; path: string }) {
  const busy = useStore(datasetFormStore, (state) => state.busy)
  return (
    <div className="data-save">
      <button type="button" className="btn go" disabled={busy} onClick={() => void writeAndUse()}>
        {exists ? 'Replace dataset.json and use it' : 'Write dataset.json and use it'}
      </button>
      <span className="mono sm t2">{path}</span>
    </div>
  )
}
