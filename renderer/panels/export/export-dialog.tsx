import { Modal } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { Exported } from '../../../core/api/answers.ts'
import { closeExport, exportedStage, exportStore, type Format, writeExport } from '../../actions/export.ts'
import { saveReport } from '../../actions/report.ts'
import { savePipeline } from '../../actions/save-pipeline.ts'
import { shell } from '../../engine.ts'
import { runStore } from '../../stores/run.ts'
import { sessionStore } from '../../stores/session.ts'
import { Loading } from '../../ui/empty.tsx'
import { plain } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { Verification } from './verification.tsx'
import './export.css'

/** Format, then the written file: size, operators, verification, and the report beside it. */
export function ExportDialog() {
  const { shown, state, exported, problem } = useStore(exportStore)
  return (
    <Modal
      opened={shown}
      onClose={closeExport}
      title={state === 'done' ? 'Exported' : 'Export'}
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="export">
        {state !== 'done' && <What />}
        {state === 'writing' && <Loading what="Writing the file, and running it against the source…" />}
        {state === 'failed' && problem && <ProblemNote problem={problem} onRetry={() => void writeExport()} />}
        {state === 'done' && exported && <Done exported={exported} />}
        {state === 'idle' && <Choose />}
      </div>
    </Modal>
  )
}

function What() {
  const stage = exportedStage()
  const name = useStore(sessionStore, ({ opened }) => opened?.name)
  const measured = useStore(runStore, ({ candidates }) => candidates.some(({ id }) => id === stage))
  return (
    <p className="t2">
      {stage === null ? `${name} as it was opened` : `The result of ${stage}`}
      {!measured && '. Nothing was measured of it: run the pipeline first to know its accuracy and latency.'}
    </p>
  )
}

const formats: readonly { readonly id: Format; readonly title: string; readonly note: string }[] = [
  { id: 'onnx', title: 'ONNX', note: 'for ONNX Runtime and others' },
  { id: 'tflite', title: 'TFLite', note: 'for LiteRT on phones and boards' },
]

function Choose() {
  const format = useStore(exportStore, ({ format }) => format)
  return (
    <>
      <div className="formats">
        {formats.map(({ id, title, note }) => (
          <button key={id} type="button" aria-pressed={format === id} onClick={() => exportStore.setState({ format: id })}>
            <b>{title}</b>
            <span>{note}</span>
          </button>
        ))}
      </div>
      <div className="export-acts">
        <button type="button" className="btn go" onClick={() => void writeExport()}>
          <Icon name="out" /> Write the file
        </button>
      </div>
    </>
  )
}

function Done({ exported }: { exported: Exported }) {
  const { file, bytes, ops, unsupported, notes } = exported
  const kinds = Object.entries(ops).sort((a, b) => b[1] - a[1])
  const hasReport = useStore(runStore, ({ report }) => report !== null)
  return (
    <>
      <dl className="kv">
        <dt>File</dt>
        <dd className="mono" title={file}>
          {file.split(/[/\\]/).at(-1)}
        </dd>
        <dt>Size</dt>
        <dd>
          {plain(bytes)} <i className="u">bytes</i>
        </dd>
        <dt>Operators</dt>
        <dd title={kinds.map(([name, times]) => `${name} ×${times}`).join(', ')}>
          {plain(kinds.reduce((sum, [, times]) => sum + times, 0))} nodes of {kinds.length} types
        </dd>
      </dl>
      <div className="exp-verify">
        <Verification exported={exported} />
      </div>
      {notes.map((note) => (
        <p key={note} className="sm t2">
          {note}
        </p>
      ))}
      {unsupported.length > 0 && (
        <ul className="sm caution">
          {unsupported.slice(0, 6).map(({ node, op, reason }) => (
            <li key={node}>
              {op} {node}: {reason}
            </li>
          ))}
        </ul>
      )}
      <div className="export-acts">
        {shell() && (
          <button type="button" className="btn" onClick={() => void shell()!.reveal(file)}>
            Show in folder
          </button>
        )}
        {hasReport && (
          <button type="button" className="btn" onClick={() => void saveReport()}>
            Save the report
          </button>
        )}
        <button type="button" className="btn" onClick={savePipeline}>
          Save the pipeline
        </button>
        <CopyCommand />
        <button type="button" className="btn quiet" onClick={() => exportStore.setState({ state: 'idle', exported: null })}>
          Another format…
        </button>
      </div>
    </>
  )
}

/** The same from a terminal. */
function CopyCommand() {
  const [copied, setCopied] = useState(false)
  const { opened, data } = useStore(sessionStore)
  const copy = async () => {
    const path = JSON.stringify(opened?.path ?? 'model.onnx')
    await navigator.clipboard.writeText(
      `lathe run ${path} --pipeline pipeline.json${data ? ` --data ${JSON.stringify(data.path)}` : ''} --out out`,
    )
    setCopied(true)
  }
  return (
    <button type="button" className="btn" onClick={() => void copy()}>
      <Icon name="copy" /> {copied ? 'Copied' : 'Copy the command line'}
    </button>
  )
}
